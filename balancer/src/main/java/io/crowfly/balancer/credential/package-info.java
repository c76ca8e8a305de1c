/**
 * What backends are shown to let requests in. In goes a {@link io.crowfly.conf.Credential}; out comes what to show now, a
 * volatile read for the loops. Tokens are fetched on a thread of this room's own, well before they expire, one fetch at a time,
 * and the old one serves until it truly expires.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.credential;
