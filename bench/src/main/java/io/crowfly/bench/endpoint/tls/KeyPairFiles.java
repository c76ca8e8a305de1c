package io.crowfly.bench.endpoint.tls;

import java.nio.file.Path;

/**
 * PEM files of a simulated endpoint's certificate.
 *
 * @param certificate file with the certificate and its chain
 * @param key file with the private key
 */
public record KeyPairFiles(Path certificate, Path key) {}
