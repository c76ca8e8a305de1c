package io.crowfly.balancer.provider;

import io.crowfly.probes.forecast.ProbeTimes;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.time.DateTimeException;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/*
 * These headers are hints and may be wrong. An API without limits sends -1 of -1, and an overloaded backend may send a
 * delay of a day. Unreadable and negative values are treated as absent. The caller limits the other values.
 */

/**
 * Reader of the response headers in which a backend describes itself: processing time, retry delay, remaining quota,
 * request ids.
 */
public final class Telemetry {

    /** Maximum of all durations, so that sums do not overflow. Even one day is an unrealistic value. */
    private static final long MAX_NANOS = TimeUnit.DAYS.toNanos(365);

    /**
     * Headers with the delay before a retry, the first one preferred. The next list, the resets of quotas, is used only
     * if these headers and {@code retry-after} are absent.
     */
    private static final List<AsciiString> RETRY_AFTER_MILLIS_NAMES = names("retry-after-ms", "x-ms-retry-after-ms");

    private static final List<AsciiString> QUOTA_RESET_NAMES =
            names("x-ratelimit-reset-requests", "x-ratelimit-reset-tokens", "x-rate-limit-reset-tokens");

    /**
     * Headers with the backend's id of the request. Azure's front door and its model service use different ids, and
     * Azure's support may need either.
     */
    private static final List<AsciiString> REQUEST_ID_NAMES =
            names("x-request-id", "apim-request-id", "x-ms-request-id");

    private static final AsciiString PROCESSING_MILLIS_NAME = AsciiString.cached("openai-processing-ms");
    private static final AsciiString SERVICE_MILLIS_NAME = AsciiString.cached("x-envoy-upstream-service-time");
    private static final AsciiString SERVER_TIMING_NAME = AsciiString.cached("server-timing");

    private static final List<QuotaNames> QUOTAS = List.of(QuotaNames.of("requests"), QuotaNames.of("tokens"));

    private record QuotaNames(AsciiString limit, AsciiString remaining, AsciiString reset) {

        static QuotaNames of(String unit) {
            return new QuotaNames(
                    AsciiString.cached("x-ratelimit-limit-" + unit),
                    AsciiString.cached("x-ratelimit-remaining-" + unit),
                    AsciiString.cached("x-ratelimit-reset-" + unit));
        }
    }

    private Telemetry() {}

    /**
     * Returns cached strings, whose case-insensitive hash codes are computed once, because most of these names are
     * looked up in every response.
     */
    private static List<AsciiString> names(String... names) {
        return Stream.of(names).map(AsciiString::cached).toList();
    }

    /**
     * Returns the backend's own processing time, in nanoseconds: {@code openai-processing-ms}, {@code
     * x-envoy-upstream-service-time} (in milliseconds), or the first {@code dur} of {@code server-timing} (W3C Server
     * Timing); {@link ProbeTimes#ABSENT} if no header contains it.
     */
    public static long serverNanos(HttpHeaders headers) {
        long nanos = millis(headers.get(PROCESSING_MILLIS_NAME));
        if (nanos == ProbeTimes.ABSENT) {
            nanos = millis(headers.get(SERVICE_MILLIS_NAME));
        }
        return nanos == ProbeTimes.ABSENT ? millis(serverTimingMillis(headers.get(SERVER_TIMING_NAME))) : nanos;
    }

    private static @Nullable String serverTimingMillis(@Nullable String serverTiming) {
        if (serverTiming == null) {
            return null;
        }
        for (String part : serverTiming.split("[;,]")) {
            String parameter = part.trim();
            if (parameter.regionMatches(true, 0, "dur=", 0, 4)) {
                return parameter.substring(4).replace("\"", "");
            }
        }
        return null;
    }

    /**
     * Returns the delay before a retry after a 429, in nanoseconds from now. Uses the first readable header of these:
     * {@code retry-after-ms}, {@code x-ms-retry-after-ms}, {@code retry-after} (seconds or a date), {@code
     * x-ratelimit-reset-requests}, {@code x-ratelimit-reset-tokens} (which Azure once spelled with another dash).
     * {@link ProbeTimes#ABSENT} if none is readable.
     */
    public static long retryAfterNanos(HttpHeaders headers, long nowEpochMillis) {
        for (AsciiString name : RETRY_AFTER_MILLIS_NAMES) {
            long nanos = millis(headers.get(name));
            if (nanos != ProbeTimes.ABSENT) {
                return nanos;
            }
        }
        long retryAfter = retryAfter(headers.get(HttpHeaderNames.RETRY_AFTER), nowEpochMillis);
        if (retryAfter != ProbeTimes.ABSENT) {
            return retryAfter;
        }
        for (AsciiString name : QUOTA_RESET_NAMES) {
            long nanos = resetNanos(headers.get(name));
            if (nanos > 0) {
                // A reset of 0 is ignored: it comes with limits of -1, which mean that the limit is unknown.
                return nanos;
            }
        }
        return ProbeTimes.ABSENT;
    }

    private static long retryAfter(@Nullable String value, long nowEpochMillis) {
        long seconds = nanos(value, TimeUnit.SECONDS);
        if (seconds != ProbeTimes.ABSENT || value == null) {
            return seconds;
        }
        try {
            long at = ZonedDateTime.parse(value.trim(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant()
                    .toEpochMilli();
            return bounded(Math.max(0, at - nowEpochMillis), TimeUnit.MILLISECONDS);
        } catch (DateTimeException | ArithmeticException e) {
            return ProbeTimes.ABSENT;
        }
    }

    /** Returns the remaining quota as a share of the limit; empty if the headers do not contain it. */
    private static OptionalDouble remainingShare(HttpHeaders headers, QuotaNames names) {
        double limit = parseNumber(headers.get(names.limit()));
        double remaining = parseNumber(headers.get(names.remaining()));
        return limit > 0 && remaining >= 0 ? OptionalDouble.of(Math.min(1, remaining / limit)) : OptionalDouble.empty();
    }

    /**
     * State of a rate-limit quota.
     *
     * @param remainingShare unused share of the limit, from 0 to 1
     * @param resetNanos nanoseconds until the quota is full again; {@link ProbeTimes#ABSENT} if unknown
     */
    public record Quota(double remainingShare, long resetNanos) {

        /** Quota of a backend that sends no quota headers: nothing is used. */
        public static final Quota UNKNOWN = new Quota(1, ProbeTimes.ABSENT);
    }

    /**
     * Returns the quota of requests ({@code x-ratelimit-…-requests}) or of tokens ({@code -tokens}), whichever has the
     * lower remaining share.
     */
    public static Quota lowestQuota(HttpHeaders headers) {
        Quota lowest = Quota.UNKNOWN;
        for (QuotaNames names : QUOTAS) {
            OptionalDouble remainingShare = remainingShare(headers, names);
            if (remainingShare.isPresent() && remainingShare.getAsDouble() < lowest.remainingShare()) {
                lowest = new Quota(remainingShare.getAsDouble(), resetNanos(headers.get(names.reset())));
            }
        }
        return lowest;
    }

    /** Returns the request's ids in the backend's own logs: each once, separated by spaces; empty if there are none. */
    public static String requestIds(HttpHeaders headers) {
        String ids = "";
        for (int i = 0; i < REQUEST_ID_NAMES.size(); i++) {
            String id = headers.get(REQUEST_ID_NAMES.get(i));
            if (id != null && !id.isEmpty() && !ids.contains(id)) {
                ids = ids.isEmpty() ? id : ids + ' ' + id;
            }
        }
        return ids;
    }

    private static long millis(@Nullable String value) {
        return nanos(value, TimeUnit.MILLISECONDS);
    }

    /**
     * Parses the time until a quota's reset. Azure sends seconds; OpenAI sends durations as Go prints them: {@code
     * 6m0s}, {@code 120ms}.
     */
    private static long resetNanos(@Nullable String value) {
        long seconds = nanos(value, TimeUnit.SECONDS);
        return seconds == ProbeTimes.ABSENT && value != null ? parseGoDuration(value.trim()) : seconds;
    }

    static long parseGoDuration(String text) {
        double nanos = 0;
        int at = 0;
        while (at < text.length()) {
            int unitAt = at;
            while (unitAt < text.length() && (isDigit(text.charAt(unitAt)) || text.charAt(unitAt) == '.')) {
                unitAt++;
            }
            int end = unitAt;
            while (end < text.length() && !isDigit(text.charAt(end))) {
                end++;
            }
            double number = parseNumber(text.substring(at, unitAt));
            double unit = unitNanos(text.substring(unitAt, end));
            if (number < 0 || unit < 0) {
                return ProbeTimes.ABSENT;
            }
            nanos += number * unit;
            at = end;
        }
        return text.isEmpty() ? ProbeTimes.ABSENT : (long) Math.min(nanos, MAX_NANOS);
    }

    private static double unitNanos(String unit) {
        return switch (unit) {
            case "ns" -> 1;
            case "us", "µs", "μs" -> 1e3;
            case "ms" -> 1e6;
            case "s" -> 1e9;
            case "m" -> 60e9;
            case "h" -> 3600e9;
            default -> -1;
        };
    }

    private static long nanos(@Nullable String value, TimeUnit unit) {
        double number = parseNumber(value);
        return number < 0 ? ProbeTimes.ABSENT : bounded(number, unit);
    }

    private static long bounded(double number, TimeUnit unit) {
        return (long) Math.min(number * unit.toNanos(1), MAX_NANOS);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** Parses a decimal without sign or exponent; returns -1 for anything else. */
    private static double parseNumber(@Nullable String value) {
        String text = value == null ? "" : value.trim();
        boolean digits = false;
        boolean point = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isDigit(c)) {
                digits = true;
            } else if (c == '.' && !point) {
                point = true;
            } else {
                return -1;
            }
        }
        return digits ? Double.parseDouble(text) : -1;
    }
}
