package io.crowfly.probes;

/**
 * One backend's time to the first token for one class of requests, from live requests: what is above the network's part is
 * taken for service time, and its logarithm followed by a {@link LevelFilter}. The network's part comes from probes, so a
 * route that changes is known here before the next request, and a backend that has got no requests lately is still
 * compared by today's network. Confined to one thread.
 */
final class FirstTokenEstimate {

    /** Spread of a model's first-token times where nothing is known yet: between a small model's 0.35 and a large one's 0.45. */
    static final double FIRST_SPREAD = 0.4;

    /** Service takes at least this share of the whole, whatever probes say of the network. */
    private static final double MIN_SERVICE_SHARE = 0.05;

    /** Deviation of the guess that a backend is like the others. */
    private static final double FIRST_GUESS = 0.5;

    /** Weight of the newest answer in the load that the level was found under: it forgets as fast as a level jumps. */
    private static final double LOAD_WEIGHT = 0.2;

    /** Weight of the newest stream in the time between tokens. */
    private static final double TOKEN_WEIGHT = 0.1;

    /** Of a jump: requests are many, and one that is taken for a jump by mistake drives all of them away. */
    private static final double ALARM = 10;

    private final LevelFilter service = new LevelFilter(FIRST_SPREAD, ALARM);
    private final ClassKnowledge itsClass;
    private final Room room;
    private double tokenNanos = ProbeTimes.ABSENT;
    private double usualLoad = 1;
    private long slowedAtNanos = Long.MIN_VALUE;

    /**
     * @param itsClass what is known of the class at any backend
     * @param room the backend's
     */
    FirstTokenEstimate(ClassKnowledge itsClass, Room room) {
        this.itsClass = itsClass;
        this.room = room;
    }

    /**
     * An answer came; tell of each when it would have been overdue, not when it came, or a backend that requests have just
     * begun to go to would be judged by the fast ones among them, and one that they have just left by the slow ones.
     *
     * @param nanos since it was sent
     * @param inFlight our own requests at the backend then, itself included
     */
    void answered(long nanos, long networkNanos, long requestBytes, long inFlight, long nowNanos) {
        double value = value(nanos, networkNanos, requestBytes);
        begin(value, nowNanos);
        itsClass.tookService(value);
        double before = service.level();
        double crowding = crowding(inFlight);
        boolean jumped = service.observe(value, crowding * crowding, nowNanos);
        if (!jumped && crowding == 0) {
            double limit = 2 * service.spread();
            itsClass.sizes.learn(requestBytes, Math.max(-limit, Math.min(limit, value - before)));
        }
        learnLoad(inFlight, nowNanos);
        room.answered(inFlight, value - service.ordinary());
    }

    /** No answer has come in so long. */
    void overdue(long nanos, long networkNanos, long requestBytes, long inFlight, long nowNanos) {
        double value = value(nanos, networkNanos, requestBytes);
        begin(value, nowNanos);
        double crowding = crowding(inFlight);
        if (service.observeMoreThan(value, crowding * crowding, nowNanos)) {
            slowedAtNanos = nowNanos;
        }
        learnLoad(inFlight, nowNanos);
        room.answered(inFlight, value - service.ordinary());
    }

    /**
     * Whether it has jumped up since. Then requests that were sent before are waited for longer than was thought, and tell more
     * by going on waiting; in ordinary times that would only count the slow ones twice.
     */
    boolean hasSlowedSince(long nanos) {
        return slowedAtNanos > nanos;
    }

    private double value(long nanos, long networkNanos, long requestBytes) {
        double serviceNanos = Math.max(Math.max(1, nanos - networkNanos), MIN_SERVICE_SHARE * nanos);
        return StrictMath.log(serviceNanos) - itsClass.sizes.at(requestBytes);
    }

    private void begin(double value, long nowNanos) {
        if (!service.known()) {
            boolean first = Double.isNaN(itsClass.typical());
            service.begin(first ? value : itsClass.typical(), first ? service.spread() : FIRST_GUESS, nowNanos);
        }
    }

    private double crowding(long inFlight) {
        return StrictMath.log(Math.max(1, inFlight / room.room()));
    }

    private void learnLoad(long inFlight, long nowNanos) {
        room.sent(inFlight, nowNanos);
        usualLoad += LOAD_WEIGHT * (inFlight - usualLoad);
    }

    void streamed(long tokens, long nanos) {
        double each = (double) nanos / StrictMath.max(1, tokens);
        tokenNanos = tokenNanos < 0 ? each : tokenNanos + TOKEN_WEIGHT * (each - tokenNanos);
    }

    boolean known() {
        return service.known();
    }

    /** Natural logarithm of the median service time in nanoseconds, at the class's ordinary size. */
    double level() {
        return service.level();
    }

    /** How many samples there were. */
    double samples() {
        return service.samples();
    }

    double spread() {
        return service.spread();
    }

    double ordinary() {
        return service.ordinary();
    }

    /** In flight when the requests were sent whose answers made the level what it is. */
    double usualLoad() {
        return usualLoad;
    }

    long observedAtNanos() {
        return service.observedAtNanos();
    }

    long tokenNanos() {
        return (long) tokenNanos;
    }

    Prediction prediction(long networkNanos, long nowNanos) {
        return new Prediction(
                Prediction.Basis.LIVE,
                networkNanos,
                service.level(),
                service.spread(),
                service.uncertainty(nowNanos),
                tokenNanos());
    }
}
