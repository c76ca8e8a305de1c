package io.crowfly.bench.reload;

import io.crowfly.bench.process.Children.Child;
import java.io.IOException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the balancer says of its reloads, read from its log as it grows. */
final class ReloadLog {

    /** The watcher takes half a second; a machine that is busy takes longer. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Pattern RESULT = Pattern.compile("(conf generation \\d+ is in force)|(conf not taken)");

    private final Child balancer;
    private int seen;

    ReloadLog(Child balancer) {
        this.balancer = balancer;
    }

    /**
     * Waits for the next result.
     *
     * @return whether the conf was taken
     * @throws IOException if none comes in time, or the balancer is gone
     */
    boolean next() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Matcher matcher = RESULT.matcher(balancer.output());
            if (matcher.find(seen)) {
                seen = matcher.end();
                return matcher.group(1) != null;
            }
            if (!balancer.isAlive()) {
                throw new IOException("the balancer died:\n" + balancer.output());
            }
            Thread.sleep(20);
        }
        throw new IOException(
                "no reload was noticed within %d s:%n%s".formatted(PATIENCE.toSeconds(), balancer.output()));
    }
}
