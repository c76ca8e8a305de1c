/**
 * Credentials that are attached to requests to backends, and their state. Input: a {@link io.crowfly.conf.Credential}.
 * Output: an {@link io.crowfly.balancer.credential.AttachedCredential}, which event loops obtain by one volatile read.
 * One thread renews tokens well before they expire, one fetch at a time per token. The old token stays in use until it
 * really expires.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.credential;
