package io.crowfly.conf.read.field;

import io.crowfly.conf.file.ConfFiles;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reader and check of certificate and private key files in PEM. Reports everything that the TLS engine would refuse
 * later, so that a reload keeps the old conf. {@link CertificateDates} checks the dates.
 */
public final class PemReader {

    /** Maximum size of a file. A bundle of public authorities has about 200 KiB. */
    private static final int MAX_BYTES = 1 << 20;

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
    private static final Pattern OTHER_KEY = Pattern.compile("-----BEGIN (RSA|EC|DSA|OPENSSH) PRIVATE KEY-----");

    private PemReader() {}

    /** @param certificates at least one, in the order of the file */
    public record Chain(Path file, List<X509Certificate> certificates) {

        public Chain {
            certificates = List.copyOf(certificates);
        }

        /** Returns the first certificate. */
        public X509Certificate leaf() {
            return certificates.get(0);
        }
    }

    public record Key(Path file, PKCS8EncodedKeySpec encoded) {

        /** Whether the certificate contains the public key of this private key. Tested with a signature. */
        public boolean belongsTo(X509Certificate certificate) {
            PublicKey publicKey = certificate.getPublicKey();
            String algorithm =
                    switch (publicKey.getAlgorithm()) {
                        case "RSA" -> "SHA256withRSA";
                        case "RSASSA-PSS" -> "RSASSA-PSS";
                        case "EC" -> "SHA256withECDSA";
                        default -> publicKey.getAlgorithm();
                    };
            byte[] text = "any".getBytes(StandardCharsets.US_ASCII);
            try {
                PrivateKey key =
                        KeyFactory.getInstance(publicKey.getAlgorithm()).generatePrivate(encoded);
                Signature signature = Signature.getInstance(algorithm);
                signature.initSign(key);
                signature.update(text);
                byte[] signed = signature.sign();
                signature.initVerify(publicKey);
                signature.update(text);
                return signature.verify(signed);
            } catch (GeneralSecurityException e) {
                return false;
            }
        }
    }

    /** Reads a chain of at least one certificate. Reports a file without a valid certificate. */
    public static Optional<Chain> certificates(Field field) {
        return read(field, "a certificate").flatMap(pem -> {
            List<X509Certificate> certificates = new ArrayList<>();
            try {
                CertificateFactory factory = CertificateFactory.getInstance("X.509");
                for (byte[] der : blocks(pem.text(), "CERTIFICATE")) {
                    certificates.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
                }
            } catch (CertificateException | IllegalArgumentException e) {
                field.problem(field.quoted() + " contains a broken certificate", "write it again, as PEM");
                return Optional.empty();
            }
            if (certificates.isEmpty()) {
                field.problem(
                        field.quoted() + " contains no certificate",
                        "write PEM, which begins with `-----BEGIN CERTIFICATE-----`");
                return Optional.empty();
            }
            return Optional.of(new Chain(pem.file(), certificates));
        });
    }

    public static Optional<Key> privateKey(Field field) {
        return read(field, "a private key").flatMap(pem -> {
            try {
                List<byte[]> keys = blocks(pem.text(), "PRIVATE KEY");
                if (!keys.isEmpty()) {
                    return Optional.of(new Key(pem.file(), new PKCS8EncodedKeySpec(keys.get(0))));
                }
            } catch (IllegalArgumentException e) {
                field.problem(field.quoted() + " contains a broken private key", "write it again, as PEM");
                return Optional.empty();
            }
            if (pem.text().contains("ENCRYPTED")) {
                field.problem(
                        field.quoted() + " is encrypted, and Crowfly has no password for it",
                        "decrypt it: openssl pkey -in FILE -out NEW");
            } else if (OTHER_KEY.matcher(pem.text()).find()) {
                field.problem(field.quoted() + " is not a PKCS#8 key", "convert it: openssl pkey -in FILE -out NEW");
            } else {
                field.problem(
                        field.quoted() + " contains no private key",
                        "write PEM, which begins with `-----BEGIN PRIVATE KEY-----`");
            }
            return Optional.empty();
        });
    }

    private record Pem(Path file, String text) {}

    private static Optional<Pem> read(Field field, String what) {
        return field.path().flatMap(path -> {
            try {
                byte[] bytes = field.reading().files().read(path, MAX_BYTES);
                return Optional.of(new Pem(path, new String(bytes, StandardCharsets.ISO_8859_1)));
            } catch (ConfFiles.UnreadableFileException e) {
                field.problem(
                        "file " + field.quoted() + " " + e.reason(),
                        "put " + what + " there (relative paths start at this file's directory), or name another file");
                return Optional.empty();
            }
        });
    }

    /**
     * Returns the decoded PEM blocks of one type.
     *
     * @param type for example {@code CERTIFICATE}
     * @throws IllegalArgumentException if a block is not Base64
     */
    public static List<byte[]> blocks(String text, String type) {
        List<byte[]> blocks = new ArrayList<>();
        for (Matcher block = BLOCK.matcher(text); block.find(); ) {
            if (block.group(1).equals(type)) {
                blocks.add(Base64.getMimeDecoder().decode(block.group(2)));
            }
        }
        return blocks;
    }
}
