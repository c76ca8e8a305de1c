package io.crowfly.conf;

import java.nio.file.Path;

/**
 * A certificate and its private key, both PEM, both readable when the conf was checked.
 *
 * @param cert the chain, leaf first
 * @param key PKCS#8, unencrypted
 */
public record CertificateFiles(Path cert, Path key) {}
