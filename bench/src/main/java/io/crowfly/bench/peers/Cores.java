package io.crowfly.bench.peers;

/** Processor cores to which {@code bench peers} pins its processes: one for the load, one for the measured proxy. */
final class Cores {

    /** Core of the load generators, the backends and this JVM. */
    static final int LOAD_CORE = 0;

    /** Core of all proxies. Only one proxy is under load at a time. */
    static final int PROXY_CORE = 1;

    private Cores() {}
}
