package io.crowfly.balancer.credential;

import java.time.Instant;
import java.util.Optional;

/**
 * State of one credential's renewals, for operators and metrics.
 *
 * @param kind the conf key of this kind of credential, for example {@code entra}
 * @param expires when the current credential expires; absent if the credential never expires or is missing
 * @param failures number of failed attempts in a row to obtain a new credential, up to the latest
 * @param reason reason of the latest failure, in a few words, never a secret; empty if no attempt has failed since the
 *     last success
 */
public record CredentialStatus(String kind, Optional<Instant> expires, int failures, String reason) {}
