package io.crowfly.conf;

import java.nio.file.Path;

/**
 * Files of a server certificate and its private key, in PEM, for one listener. Both files were readable when the conf
 * was checked.
 *
 * @param cert the certificate chain, leaf certificate first
 * @param key the private key, PKCS#8, unencrypted
 */
public record CertificateFiles(Path cert, Path key) {}
