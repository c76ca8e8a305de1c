package io.crowfly.balancer.credential.fetch;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.util.Base64;

/**
 * Signer of JSON Web Tokens for Google service accounts (RFC 7519; RFC 7515), with RSA and SHA-256 (RS256 of RFC 7518,
 * section 3.3). Google accepts no other algorithm.
 */
final class Jwt {

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private Jwt() {}

    static String sign(ServiceAccountKey key, Json.MembersWriter claims) throws FetchFailed {
        String header = Json.object(json -> {
            json.writeStringField("alg", "RS256");
            json.writeStringField("typ", "JWT");
            json.writeStringField("kid", key.id());
        });
        String signed = encode(header.getBytes(StandardCharsets.UTF_8))
                + '.'
                + encode(Json.object(claims).getBytes(StandardCharsets.UTF_8));
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key.key());
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + '.' + encode(signature.sign());
        } catch (GeneralSecurityException e) {
            throw FetchFailed.persistent(key + " cannot sign (" + e.getClass().getSimpleName() + ")");
        }
    }

    private static String encode(byte[] bytes) {
        return BASE64.encodeToString(bytes);
    }
}
