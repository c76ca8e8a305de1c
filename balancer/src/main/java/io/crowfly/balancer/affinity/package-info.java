/**
 * What belongs to one backend goes back there. In go the ids that answers name, and the secrets that they give out; out comes
 * the backend that keeps what an id stands for, or that has given out the secret. A bounded cache on this instance, and where a
 * fleet shares what it learns, Redis behind it, without which requests go on.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.affinity;
