package io.crowfly.bench.peers;

/**
 * Figures of one proxy in one round of {@code bench peers}.
 *
 * @param done requests completed or events received
 * @param cpuMicros CPU time of the proxy in the round, in microseconds
 * @param seconds duration of the round
 * @param residentBytes resident memory of the proxy at the end of the round
 * @param errors failed connections and invalid responses
 * @param reads number of reads by the clients; 0 if the load generator does not count reads
 * @param p99Millis 99th percentile of the latency in milliseconds; 0 if the load has no constant rate
 */
public record ProxySample(
        long done, long cpuMicros, double seconds, long residentBytes, long errors, long reads, double p99Millis) {

    /** Returns the proxy's CPU time for each request or event, in microseconds. */
    public double cost() {
        return (double) cpuMicros / done;
    }

    public double perSecond() {
        return done / seconds;
    }

    /** Returns the events per read. Above 1, the proxy delayed events and sent several together. */
    double donePerRead() {
        return reads == 0 ? 0 : (double) done / reads;
    }
}
