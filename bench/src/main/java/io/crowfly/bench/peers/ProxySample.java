package io.crowfly.bench.peers;

/**
 * The figures of one round of one proxy.
 *
 * @param done requests completed or events received
 * @param cpuMicros CPU time of the proxy in the round, in microseconds
 * @param seconds duration of the round, by the clock
 * @param residentBytes the proxy's resident memory at the end
 * @param errors failed connections and invalid responses
 * @param reads number of reads by the clients; 0 where reads are not counted
 */
public record ProxySample(long done, long cpuMicros, double seconds, long residentBytes, long errors, long reads) {

    /** Returns the proxy's CPU time for each request or event, in microseconds. */
    public double cost() {
        return (double) cpuMicros / done;
    }

    public double perSecond() {
        return done / seconds;
    }

    /** Returns the events per read. More than one means that the proxy delayed events to send them together. */
    double donePerRead() {
        return reads == 0 ? 0 : (double) done / reads;
    }
}
