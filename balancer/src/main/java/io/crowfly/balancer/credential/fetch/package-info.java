/**
 * Access to token services and secret files. Input: a kind of {@link io.crowfly.conf.Credential}. Output: a token with
 * its expiry, or the content of a secret file, or the reason of a failure. Everything runs on the credential thread.
 * This package holds no tokens: the parent package keeps and renews them.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.credential.fetch;
