package io.crowfly.balancer.credential;

import java.time.Instant;
import java.util.Optional;

/**
 * How the getting of one credential fares, for operators.
 *
 * @param kind the conf's word for it, {@code entra} for example
 * @param expires when what is shown now ceases to be good; absent where it does not expire, and where there is none
 * @param failures in a row, of the latest attempts to get a new one
 * @param reason of the latest failure, in a few words, never a secret; empty where there was none since the last success
 */
public record CredentialStatus(String kind, Optional<Instant> expires, int failures, String reason) {}
