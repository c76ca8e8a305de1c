package io.crowfly.balancer.credential.fetch;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;

/**
 * Content of a Google service account's JSON key file, read for each token.
 *
 * @param email address of the account
 * @param id id of the key
 * @param tokenUrl URL that exchanges a JWT for a token
 */
record ServiceAccountKey(String email, String id, PrivateKey key, URI tokenUrl) {

    private static final String DEFAULT_TOKEN_URL = "https://oauth2.googleapis.com/token";

    /** Everything in a PEM text that is not the key: the lines around it (RFC 7468), and white space. */
    private static final String PEM_FRAME = "-----(BEGIN|END) PRIVATE KEY-----|\\s";

    static ServiceAccountKey read(Path file) throws FetchFailed {
        TokenFields fields = TokenFields.read(SecretText.readBytes(file))
                .orElseThrow(() -> FetchFailed.persistent(file + " is not JSON"));
        try {
            byte[] pkcs8 = Base64.getDecoder()
                    .decode(member(fields, "private_key", file).replaceAll(PEM_FRAME, ""));
            return new ServiceAccountKey(
                    member(fields, "client_email", file),
                    member(fields, "private_key_id", file),
                    KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8)),
                    tokenUrl(fields).orElseThrow(() -> FetchFailed.persistent(file + ": `token_uri` is not a URL")));
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            throw FetchFailed.persistent(file + ": `private_key` is not an RSA key in PKCS #8");
        }
    }

    private static Optional<URI> tokenUrl(TokenFields fields) {
        try {
            return Optional.of(new URI(fields.find("token_uri").orElse(DEFAULT_TOKEN_URL)))
                    .filter(url -> url.getHost() != null);
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static String member(TokenFields fields, String name, Path file) throws FetchFailed {
        return fields.find(name)
                .orElseThrow(
                        () -> FetchFailed.persistent(file + " has no `" + name + "`: is it a service account's key?"));
    }

    /** Returns a text for logs, without the key, which is a secret. */
    @Override
    public String toString() {
        return email + ", key " + id;
    }
}
