package io.crowfly.balancer.credential;

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
 * How long a token is good is counted from the moment that it was asked for, by a clock that nobody sets. So it does not
 * matter what time it is here: a lifetime in seconds (expires_in) is taken before a point in time, and a point in time
 * (expires_on, expireTime) is compared with what the server itself says the time is (Date).
 */

/**
 * What a token server has answered.
 *
 * @param host for operators
 * @param sentNanos when it was asked, by the room's ticker
 * @param sent the same by the clock
 */
record TokenAnswer(String host, HttpResponse<byte[]> response, long sentNanos, Instant sent) {

    /** Worth another attempt by what OAuth and the clouds say of them. Every 5xx is, too. */
    static final Set<Integer> PASSING = Set.of(408, 429);

    private static final Set<String> PASSING_ERRORS =
            Set.of("internal_failure", "server_error", "temporarily_unavailable");

    private static final int GONE = 410;

    /** The servers of Azure's machines say 410 while they are updated, for 70 s at the most. */
    private static final Duration WHILE_GONE = Duration.ofSeconds(3);

    /** Years of tokens would overflow what counts them. None lives that long. */
    private static final long MOST_SECONDS = Duration.ofDays(30).toSeconds();

    /** As much as a JWT of ours allows for, and what the answer itself may take. */
    private static final Duration NOTABLE_SKEW = ServiceAccountFetch.SKEW.plus(TokenServer.PATIENCE);

    private static final Pattern ERROR_CODE = Pattern.compile("[A-Za-z_]{1,40}");
    private static final Pattern ENTRA_CODE = Pattern.compile("AADSTS[0-9]{1,9}");

    /** @param passing states beside 5xx that are worth another attempt soon */
    Token token(Set<Integer> passing) throws FetchFailed {
        Optional<TokenFields> fields = TokenFields.read(response.body());
        if (response.statusCode() != 200) {
            throw refusal(fields, passing);
        }
        if (fields.isEmpty()) {
            // Google's answer to a JWT for another audience is such a page.
            throw FetchFailed.lasting(host + ": status 200, but no JSON; is it the right address, and audience?");
        }
        String value = fields.get()
                .find("access_token")
                .or(() -> fields.get().find("accessToken"))
                .filter(text -> !text.isEmpty() && SecretText.fitsHeader(text))
                .orElseThrow(() -> FetchFailed.lasting(host + ": status 200, but no token in it"));
        long seconds = seconds(fields.get());
        return new Token(value, sentNanos + Duration.ofSeconds(seconds).toNanos(), sent.plusSeconds(seconds));
    }

    private long seconds(TokenFields fields) throws FetchFailed {
        try {
            Optional<Long> in = fields.find("expires_in").map(Long::parseLong);
            long seconds = in.isPresent() ? in.get() : secondsUntil(moment(fields));
            return Math.max(0, Math.min(seconds, MOST_SECONDS));
        } catch (NumberFormatException | DateTimeException e) {
            throw lifeless();
        }
    }

    private Instant moment(TokenFields fields) throws FetchFailed {
        return fields.find("expires_on")
                .map(text -> Instant.ofEpochSecond(Long.parseLong(text)))
                .or(() -> fields.find("expireTime").map(Instant::parse))
                .orElseThrow(this::lifeless);
    }

    private long secondsUntil(Instant moment) {
        return Duration.between(date().orElse(sent), moment).toSeconds();
    }

    private FetchFailed lifeless() {
        return FetchFailed.lasting(host + ": status 200, but not how long the token is good");
    }

    private Optional<Instant> date() {
        try {
            return response.headers()
                    .firstValue("date")
                    .map(text -> Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private FetchFailed refusal(Optional<TokenFields> fields, Set<Integer> passing) {
        int status = response.statusCode();
        // Of what the server writes, only words of its own: a description may quote the secret that it was shown.
        String code = fields.flatMap(all -> all.find("error").or(() -> all.find("error.status")))
                .filter(text -> ERROR_CODE.matcher(text).matches())
                .orElse("");
        String entra = fields.flatMap(all -> all.find("error_description"))
                .map(ENTRA_CODE::matcher)
                .filter(Matcher::find)
                .map(Matcher::group)
                .orElse("");
        String reason = Stream.of(host + ": status " + status, code, entra, skew())
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining(", "));
        if (status == GONE && passing.contains(GONE)) {
            return FetchFailed.passing(reason, WHILE_GONE);
        }
        return status >= 500 || passing.contains(status) || PASSING_ERRORS.contains(code)
                ? FetchFailed.passing(reason)
                : FetchFailed.lasting(reason);
    }

    /** Whoever signs with a wrong clock is refused, and not told why. */
    private String skew() {
        long seconds =
                date().map(date -> Duration.between(date, sent).toSeconds()).orElse(0L);
        return Math.abs(seconds) <= NOTABLE_SKEW.toSeconds()
                ? ""
                : "our clock is " + Math.abs(seconds) + " s " + (seconds > 0 ? "ahead" : "behind");
    }

    /** Without the answer, which holds a secret. */
    @Override
    public String toString() {
        return host + ": status " + response.statusCode();
    }
}
