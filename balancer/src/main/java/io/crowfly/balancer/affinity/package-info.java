/**
 * What belongs to one backend goes back there. In go the ids that answers name, out comes the backend that keeps what an id
 * stands for. A bounded cache on this instance, and where a fleet shares what it learns, Redis behind it, without which
 * requests go on.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.affinity;
