package io.crowfly.bench.peers;

/** Who runs where. Two cores suffice, and are what every machine has. */
final class Cores {

    /** Load generators, backends and this process. */
    static final int LOAD_CORE = 0;

    /** The proxies: all of them, of which one at a time has something to do. */
    static final int PROXY_CORE = 1;

    private Cores() {}
}
