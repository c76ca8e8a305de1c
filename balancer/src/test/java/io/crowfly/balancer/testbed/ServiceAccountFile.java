package io.crowfly.balancer.testbed;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;

/** The key file of a Google service account, with a new key for each instance. */
public final class ServiceAccountFile {

    public static final String EMAIL = "crowfly@contoso.iam.gserviceaccount.com";
    public static final String KEY_ID = "0123456789abcdef";

    private static final int BITS = 2048;
    private static final int PEM_LINE = 64;

    private final KeyPair pair;

    public ServiceAccountFile() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(BITS);
            pair = generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    public RSAPublicKey publicKey() {
        return (RSAPublicKey) pair.getPublic();
    }

    public Path write(Path file, URI tokenUrl) throws IOException {
        String pem = "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(PEM_LINE, new byte[] {'\n'})
                        .encodeToString(pair.getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
        return Files.writeString(file, """
                {
                  "type": "service_account",
                  "project_id": "contoso",
                  "private_key_id": "%s",
                  "private_key": "%s",
                  "client_email": "%s",
                  "client_id": "100000000000000000001",
                  "token_uri": "%s",
                  "universe_domain": "googleapis.com"
                }
                """.formatted(KEY_ID, pem.replace("\n", "\\n"), EMAIL, tokenUrl));
    }
}
