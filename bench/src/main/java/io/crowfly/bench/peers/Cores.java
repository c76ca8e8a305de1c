package io.crowfly.bench.peers;

/** The cores to which processes are pinned. Two cores are enough, and every machine has them. */
final class Cores {

    /** The core of load generators, backends and this process. */
    static final int LOAD_CORE = 0;

    /** The core of all proxies, of which only one is under load at a time. */
    static final int PROXY_CORE = 1;

    private Cores() {}
}
