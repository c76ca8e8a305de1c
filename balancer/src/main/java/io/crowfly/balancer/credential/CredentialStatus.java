package io.crowfly.balancer.credential;

import java.time.Instant;
import java.util.Optional;

/**
 * State of one credential's renewals, for operators.
 *
 * @param kind the conf key of this kind of credential, for example {@code entra}
 * @param expires when the current credential expires; absent if the credential never expires or is missing
 * @param failures number of latest attempts in a row that failed to obtain a new credential
 * @param reason of the latest failure, in a few words, never a secret; empty if none has failed since the last success
 */
public record CredentialStatus(String kind, Optional<Instant> expires, int failures, String reason) {}
