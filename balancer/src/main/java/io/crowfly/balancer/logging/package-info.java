/**
 * Logs for operators: the process's own log on standard error, and the access log if the conf has one. Logback is
 * configured in code, because reading XML would cost a quarter of a second at start-up.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.logging;
