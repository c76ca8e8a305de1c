package io.crowfly.bench.process;

/** Processor cores to which benchmarks pin their processes: one for the load, one for the measured proxy. */
public final class Cores {

    /** Core of the load generators, the backends and this JVM. */
    public static final int LOAD_CORE = 0;

    /** Core of the measured proxy. Of several proxies only one is under load at a time. */
    public static final int PROXY_CORE = 1;

    private Cores() {}
}
