package io.crowfly.bench.peers;

/**
 * One round of one proxy.
 *
 * @param done requests completed or events received
 * @param cpuMicros CPU time that the proxy took meanwhile, in microseconds
 * @param seconds how long it was, by the clock
 * @param residentBytes the proxy's resident memory at the end
 * @param errors connections and answers that were not as they should be
 * @param reads how often a client found something to read; 0 where that isn't counted
 */
public record Sample(long done, long cpuMicros, double seconds, long residentBytes, long errors, long reads) {

    /** Microseconds of the proxy's CPU for each request or event. */
    public double cost() {
        return (double) cpuMicros / done;
    }

    public double perSecond() {
        return done / seconds;
    }

    /** More than one says that the proxy held events back to send them together. */
    double donePerRead() {
        return reads == 0 ? 0 : (double) done / reads;
    }
}
