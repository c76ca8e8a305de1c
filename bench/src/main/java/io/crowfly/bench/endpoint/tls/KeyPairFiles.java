package io.crowfly.bench.endpoint.tls;

import java.nio.file.Path;

/** A certificate with its chain and its private key, both as PEM files. */
public record KeyPairFiles(Path certificate, Path key) {}
