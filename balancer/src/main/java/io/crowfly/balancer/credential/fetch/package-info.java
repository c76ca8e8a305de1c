/**
 * Access to token services and secret files. In: a kind of {@link io.crowfly.conf.Credential}. Out: a token with its
 * expiry, or the content of a secret file, or the reason of a failure. Everything runs on the credential thread. Holds
 * no tokens: the parent package keeps and renews them.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.credential.fetch;
