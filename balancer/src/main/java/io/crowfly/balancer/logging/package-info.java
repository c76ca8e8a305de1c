/**
 * How lines get to operators: the process's own log on standard error, and the access log where the conf wants it. Logback,
 * set up in code: reading XML would cost a start-up a quarter of a second.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.logging;
