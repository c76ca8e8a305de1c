package io.crowfly.bench.demo;

import java.util.concurrent.Flow;

/** Reads a token stream's lines and keeps the time at which the first one with content came. */
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
        // The exchange fails with it; there is nothing to add.
    }

    @Override
    public void onComplete() {}

    /** {@link System#nanoTime} of the first token, or of the head if none came. */
    long nanoTime() {
        return nanoTime;
    }
}
