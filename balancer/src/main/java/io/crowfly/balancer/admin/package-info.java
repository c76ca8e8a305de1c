/**
 * The admin interface: pages and operations for operators, over HTTP/1.1 on an address of its own. Input: requests for
 * a few fixed paths. Output: JSON, and metrics in Prometheus text format.
 *
 * <p>Connections are handled on the control loop. Responses are made on threads of this package, so that neither
 * traffic nor probes wait for a page. A client that reads slowly delays only its own responses.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.admin;
