package io.crowfly.bench.demo;

import java.util.concurrent.Flow;

/**
 * Timer of the demo's client: reads the lines of a token stream and records the time of the first line with content.
 */
final class FirstTokenTimer implements Flow.Subscriber<String> {

    private boolean seen;
    private long nanoTime = System.nanoTime();

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(String line) {
        if (!seen && line.startsWith("data: ") && line.contains("\"content\":") && !line.contains("\"content\":\"\"")) {
            seen = true;
            nanoTime = System.nanoTime();
        }
    }

    @Override
    public void onError(Throwable failure) {
        // The request itself fails with the same exception, which is counted there.
    }

    @Override
    public void onComplete() {}

    /** Returns the {@link System#nanoTime} of the first token, or of the head if there was no token. */
    long nanoTime() {
        return nanoTime;
    }
}
