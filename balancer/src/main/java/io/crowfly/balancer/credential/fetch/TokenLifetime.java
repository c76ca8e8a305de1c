package io.crowfly.balancer.credential.fetch;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/*
 * RFC 6749 makes expires_in a number of seconds. Servers send it as a number with or without a fraction, or as text
 * (Azure), and some send a huge number for "never". Azure adds expires_on, in seconds since 1970, and Google's
 * impersonation has only expireTime, in RFC 3339 form.
 *
 * A lifetime is preferred to a point in time, because it does not depend on a clock.
 */

/** Reader of a token's lifetime from the response of a token server. */
final class TokenLifetime {

    private static final String LIFETIME = "expires_in";
    private static final String EXPIRY = "expires_on";
    private static final String EXPIRY_TIME = "expireTime";

    /** Upper bound, so that nanoseconds do not overflow. No real token lives that long. */
    static final Duration MAX = Duration.ofDays(30);

    /** Decimal numbers only: Java's parser accepts more, for example {@code NaN} and {@code 0x1p3}. */
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]+(\\.[0-9]*)?([eE][+-]?[0-9]+)?");

    private TokenLifetime() {}

    /**
     * Returns the lifetime, from zero (expired) to {@link #MAX}. A member that is unreadable does not matter if another
     * one is readable.
     *
     * @param serverTime the server's own time, to which it relates a point in time
     * @throws FetchFailed with a reason that names an unreadable member, but not its value, which may be a secret
     */
    static Duration of(TokenFields fields, Instant serverTime, String host) throws FetchFailed {
        return fields.find(LIFETIME)
                .flatMap(TokenLifetime::seconds)
                .or(() -> fields.find(EXPIRY)
                        .flatMap(TokenLifetime::seconds)
                        .map(epochSeconds -> epochSeconds - serverTime.getEpochSecond()))
                .or(() -> fields.find(EXPIRY_TIME)
                        .flatMap(TokenLifetime::instant)
                        .map(expiry ->
                                (double) Duration.between(serverTime, expiry).toSeconds()))
                .map(TokenLifetime::bounded)
                .orElseThrow(() -> FetchFailed.persistent(host + ": status 200, but " + reason(fields)));
    }

    private static Optional<Double> seconds(String text) {
        String number = text.strip();
        return NUMBER.matcher(number).matches() ? Optional.of(Double.parseDouble(number)) : Optional.empty();
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text.strip()));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Rounds down to milliseconds. A number that is too large for a double is infinite, and becomes {@link #MAX}. */
    private static Duration bounded(double seconds) {
        return Duration.ofMillis((long) (Math.max(0, Math.min(seconds, MAX.toSeconds())) * 1_000));
    }

    private static String reason(TokenFields fields) {
        if (fields.find(LIFETIME).isPresent()) {
            return LIFETIME + " is not a number of seconds";
        } else if (fields.find(EXPIRY).isPresent()) {
            return EXPIRY + " is not a number of seconds";
        } else if (fields.find(EXPIRY_TIME).isPresent()) {
            return EXPIRY_TIME + " is not a time";
        }
        return "the body has no token lifetime";
    }
}
