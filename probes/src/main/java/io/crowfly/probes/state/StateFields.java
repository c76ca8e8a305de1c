package io.crowfly.probes.state;

/*
 * One method per class lists the fields of the class, and serves both directions. So the writing and the reading
 * process cannot disagree about a name, and a class whose fields change has one place to change.
 */

/**
 * Fields of one object whose state is transferred. Each method passes the present value and returns the value to
 * continue with: a {@link StateWriter} records and returns the present value; a {@link StateReader} returns the
 * transferred value, or the present one if none was transferred.
 */
public interface StateFields {

    /** Transfers a number. Numbers that are not finite are not transferred. */
    double number(String name, double present);

    long whole(String name, long present);

    /**
     * Transfers a moment of {@code Scheduler.nanoTime()}. The clocks of two processes differ, so the distance from the
     * present is transferred. {@link Long#MIN_VALUE} and {@link Long#MAX_VALUE} stay what they are.
     */
    long moment(String name, long present);

    boolean flag(String name, boolean present);

    String text(String name, String present);

    <E extends Enum<E>> E constant(String name, E present);

    /** Transfers the elements of an array. */
    void numbers(String name, double[] present);

    /** Returns the fields of a part of the object. */
    StateFields part(String name);
}
