package io.crowfly.conf.read.backend;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.crowfly.conf.read.field.CredentialFileReader;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.PemReader;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Check of the JSON key file of a Google service account, including the form of its private key. A wrong file makes the
 * conf invalid; after a reload, the old conf then stays in force. No problem message quotes the content, because it is
 * secret.
 */
final class ServiceAccountFileReader {

    private static final JsonFactory JSON = new JsonFactory();

    private ServiceAccountFileReader() {}

    static Optional<Path> read(Field field) {
        return CredentialFileReader.read(field, "the JSON file of a service account's key", json -> {
            Optional<String> defect = findDefect(json);
            defect.ifPresent(what -> field.problem(
                    "the file that " + field.quotedName() + " names " + what,
                    "create a key of type JSON for the service account, and name its file"));
            return defect.isEmpty();
        });
    }

    private static Optional<String> findDefect(byte[] json) {
        Map<String, String> texts;
        try {
            texts = texts(json);
        } catch (IOException e) {
            return Optional.of("is not a JSON object");
        }
        String type = texts.getOrDefault("type", "service_account");
        if (!type.equals("service_account")) {
            return Optional.of("has another `type` than service_account");
        }
        for (String key : new String[] {"client_email", "private_key_id", "private_key"}) {
            if (texts.getOrDefault(key, "").isBlank()) {
                return Optional.of("has no `" + key + "`");
            }
        }
        if (!isUrl(texts.getOrDefault("token_uri", "https://oauth2.googleapis.com/token"))) {
            return Optional.of("has a `token_uri` that is not a URL");
        }
        return isRsaKey(texts.getOrDefault("private_key", ""))
                ? Optional.empty()
                : Optional.of("has a `private_key` that is not an RSA key in PEM (PKCS#8)");
    }

    /**
     * Returns the text values of the JSON object by name; other values are skipped.
     *
     * @throws IOException if the content is not exactly one JSON object
     */
    private static Map<String, String> texts(byte[] json) throws IOException {
        Map<String, String> texts = new HashMap<>();
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("no object");
            }
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                if (parser.nextToken() == JsonToken.VALUE_STRING) {
                    texts.put(name, parser.getText());
                } else {
                    parser.skipChildren();
                }
            }
            if (parser.nextToken() != null) {
                throw new IOException("more than one value");
            }
        }
        return texts;
    }

    private static boolean isUrl(String text) {
        try {
            URI url = new URI(text);
            return url.getHost() != null
                    && url.getScheme() != null
                    && url.getScheme().matches("https?");
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static boolean isRsaKey(String pem) {
        try {
            var blocks = PemReader.blocks(pem, "PRIVATE KEY");
            if (!blocks.isEmpty()) {
                KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(blocks.get(0)));
                return true;
            }
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            // Both exceptions mean that the text is not an RSA key.
        }
        return false;
    }
}
