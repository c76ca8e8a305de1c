/**
 * What operators see and may set off, over HTTP/1.1 on an address of its own. In come requests for a few fixed paths; out go
 * JSON and Prometheus' text.
 *
 * <p>Connections live on the control loop, answers are made on threads of this room: neither traffic nor probes wait for a
 * page, and a client that reads slowly holds up nobody but itself.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.admin;
