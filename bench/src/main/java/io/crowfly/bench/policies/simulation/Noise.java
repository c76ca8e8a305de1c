package io.crowfly.bench.policies.simulation;

/**
 * Random noise of the policy simulator, as a function instead of a sequence. The noise of a request at a backend
 * depends only on this request, this backend and the seed, not on earlier draws. So all policies get the same noise,
 * and differences between results come from the policies (common random numbers).
 *
 * <p>The bits are those of SplitMix64's finalizer (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
 * Generators", OOPSLA 2014). The normal numbers use the method of Box and Muller, with {@link StrictMath} so that every
 * JDK computes the same.
 */
final class Noise {

    /** Purpose of a random number. Numbers for two purposes of one request at one backend are independent. */
    enum Purpose {
        SERVICE_ANGLE,
        SERVICE_RADIUS,
        TAIL,
        TAIL_FACTOR,
        HANG,
        JITTER,
        FAULT
    }

    private final long seed;

    Noise(long seed) {
        this.seed = mix(seed ^ 0x9E3779B97F4A7C15L);
    }

    /** Returns a uniformly distributed number from 0 (included) to 1 (excluded). */
    double uniform(long request, int backend, Purpose purpose) {
        long key = seed + request * 0x9E3779B97F4A7C15L;
        key = mix(key) + (backend * 16L + purpose.ordinal()) * 0xD1B54A32D192ED03L;
        return (mix(key) >>> 11) * 0x1.0p-53;
    }

    /** Returns a normally distributed number with mean 0 and standard deviation 1. */
    double normal(long request, int backend) {
        double radius = 1 - uniform(request, backend, Purpose.SERVICE_RADIUS); // never 0
        double angle = uniform(request, backend, Purpose.SERVICE_ANGLE);
        return StrictMath.sqrt(-2 * StrictMath.log(radius)) * StrictMath.cos(2 * Math.PI * angle);
    }

    private static long mix(long bits) {
        long z = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
