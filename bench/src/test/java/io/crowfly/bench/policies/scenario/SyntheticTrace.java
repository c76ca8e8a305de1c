package io.crowfly.bench.policies.scenario;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Generator of the trace that ships with the scenario {@code recorded-arrivals}. Its statistics are those of the trace
 * of a code completion service in Azure's public data set (see {@link TraceFileReader}), by our count: 2.6 requests per
 * second on average; runs of requests of 0 to 36 s, 3 s in the median, with 10 requests per second; pauses of 1 to 217
 * s, 3 s in the median; a third of the requests less than 5 ms after the one before; prompts of 1,500 tokens in the
 * median and 7,437 at most; responses of 6 tokens and more, 13 in the median. No line of that data set is in the
 * result.
 */
final class SyntheticTrace {

    private static final LocalDateTime START = LocalDateTime.of(2026, 1, 1, 0, 0);
    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSSS", Locale.ROOT);

    private static final double SECONDS = 1200;
    private static final long SEED = 67;

    /** Mean number of requests that arrive nearly together. */
    private static final double GROUP = 1.53;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final StringBuilder csv = new StringBuilder("TIMESTAMP,ContextTokens,GeneratedTokens\n");

    private SyntheticTrace() {}

    static String csv() {
        SyntheticTrace trace = new SyntheticTrace();
        double at = 0;
        while (at < SECONDS) {
            double runSeconds = Math.min(36, trace.logNormal(2.8, 1.25));
            double perSecond = Math.max(4.5, Math.min(23, trace.logNormal(10.2, 0.4)));
            trace.run(at, runSeconds, perSecond);
            at += runSeconds + 1 + Math.min(216, trace.logNormal(2.2, 1.9));
        }
        return trace.csv.toString();
    }

    private void run(double fromSeconds, double runSeconds, double perSecond) {
        double at = 0;
        while (at <= runSeconds && fromSeconds + at < SECONDS) {
            add(fromSeconds + at);
            at += random.nextDouble() < 1 - 1 / GROUP ? exponential(0.0015) : exponential(GROUP / perSecond);
        }
    }

    private void add(double atSeconds) {
        long prompt = (long) Math.max(3, Math.min(7437, logNormal(1500, 1.15)));
        long output = (long) Math.min(1899, 6 + logNormal(7, 1.4));
        csv.append(TIMESTAMP.format(START.plusNanos((long) (atSeconds * 1e9))))
                .append(',')
                .append(prompt)
                .append(',')
                .append(output)
                .append('\n');
    }

    private double exponential(double mean) {
        return -mean * StrictMath.log(1 - random.nextDouble());
    }

    private double logNormal(double median, double sigma) {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
        return median * StrictMath.exp(sigma * radius * StrictMath.cos(2 * Math.PI * random.nextDouble()));
    }
}
