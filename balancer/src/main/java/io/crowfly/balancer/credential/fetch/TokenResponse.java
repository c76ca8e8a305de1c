package io.crowfly.balancer.credential.fetch;

import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/*
 * The lifetime of a token is counted from the moment when the request was sent, by a ticker that is never set. So the
 * wall clock of this machine does not matter. A point in time is compared with the server's own time (the Date header).
 */

/**
 * Response of a token server, from which a token or the reason of a failure is read.
 *
 * @param host name of the server, for operators
 * @param sentNanos when the request was sent, by the ticker of {@link CredentialThread}
 * @param sent when the request was sent, by the wall clock
 */
record TokenResponse(String host, HttpResponse<byte[]> response, long sentNanos, Instant sent) {

    /**
     * Statuses after which another attempt is useful, by the documentation of OAuth and the clouds. Every 5xx is such a
     * status too.
     */
    static final Set<Integer> RETRYABLE_STATUSES = Set.of(408, 429);

    private static final Set<String> RETRYABLE_ERRORS =
            Set.of("internal_failure", "server_error", "temporarily_unavailable");

    private static final int GONE = 410;

    /**
     * Minimum wait after a 410, which Azure's instance metadata service sends while it is updated, for at most 70 s.
     */
    private static final Duration GONE_RETRY_WAIT = Duration.ofSeconds(3);

    /**
     * Difference between the clocks above which a wrong clock is reported: the error that a JWT tolerates, plus the
     * longest time that the response may take.
     */
    private static final Duration NOTABLE_SKEW = ServiceAccountFetch.CLOCK_SKEW.plus(TokenClient.TIMEOUT);

    private static final Pattern ERROR_CODE = Pattern.compile("[A-Za-z_]{1,40}");
    private static final Pattern ENTRA_CODE = Pattern.compile("AADSTS[0-9]{1,9}");

    /**
     * Returns the token in the response.
     *
     * @param retryableStatuses statuses, besides 5xx, after which the next attempt follows soon
     * @throws FetchFailed if the response contains no valid token
     */
    Token token(Set<Integer> retryableStatuses) throws FetchFailed {
        Optional<TokenFields> fields = TokenFields.read(response.body());
        if (response.statusCode() != 200) {
            throw refusal(fields, retryableStatuses);
        }
        if (fields.isEmpty()) {
            // Google sends such a page in response to a JWT for another audience.
            throw FetchFailed.persistent(
                    host + ": status 200, but the body is not JSON; check the address and the audience");
        }
        String value = fields.get()
                .find("access_token")
                .or(() -> fields.get().find("accessToken"))
                .filter(text -> !text.isEmpty() && SecretText.fitsHeader(text))
                .orElseThrow(() -> FetchFailed.persistent(host + ": status 200, but the body has no token"));
        Duration lifetime = TokenLifetime.of(fields.get(), serverDate().orElse(sent), host);
        return new Token(value, sentNanos + lifetime.toNanos(), sent.plus(lifetime));
    }

    private Optional<Instant> serverDate() {
        try {
            return response.headers()
                    .firstValue("date")
                    .map(text -> Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private FetchFailed refusal(Optional<TokenFields> fields, Set<Integer> retryableStatuses) {
        int status = response.statusCode();
        // Only known codes are copied from the response, because a description may quote the secret that was sent.
        String code = fields.flatMap(all -> all.find("error").or(() -> all.find("error.status")))
                .filter(text -> ERROR_CODE.matcher(text).matches())
                .orElse("");
        String entra = fields.flatMap(all -> all.find("error_description"))
                .map(ENTRA_CODE::matcher)
                .filter(Matcher::find)
                .map(Matcher::group)
                .orElse("");
        String reason = Stream.of(host + ": status " + status, code, entra, clockSkew())
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining(", "));
        if (status == GONE && retryableStatuses.contains(GONE)) {
            return FetchFailed.temporary(reason, GONE_RETRY_WAIT);
        }
        return status >= 500 || retryableStatuses.contains(status) || RETRYABLE_ERRORS.contains(code)
                ? FetchFailed.temporary(reason)
                : FetchFailed.persistent(reason);
    }

    /**
     * Returns the error of this machine's clock for the reason of a failure; empty if it is small. Servers refuse a JWT
     * with a wrong time without giving that reason.
     */
    private String clockSkew() {
        long seconds = serverDate()
                .map(date -> Duration.between(date, sent).toSeconds())
                .orElse(0L);
        return Math.abs(seconds) <= NOTABLE_SKEW.toSeconds()
                ? ""
                : "our clock is " + Math.abs(seconds) + " s " + (seconds > 0 ? "ahead" : "behind");
    }

    /** Returns a text for logs, without the body, which contains a secret. */
    @Override
    public String toString() {
        return host + ": status " + response.statusCode();
    }
}
