package io.crowfly.conf;

import java.nio.file.Path;

/**
 * Files of a certificate and its private key, in PEM. Both were readable when the conf was checked.
 *
 * @param cert the chain, leaf first
 * @param key PKCS#8, unencrypted
 */
public record CertificateFiles(Path cert, Path key) {}
