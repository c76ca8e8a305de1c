/**
 * Addresses of backends. Input: host names, DNS and the hosts file. Output: the present addresses of each host, in the
 * order in which they should be tried.
 *
 * <p>Lookups run on the control loop. Event loops only read immutable snapshots, so no request waits for DNS after the
 * first lookup.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.upstream.address;
