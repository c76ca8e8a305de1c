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
 * The JSON file with a service account's key that Google lets one download. That it can sign is found out while the old conf
 * is still in force. Nothing of it is ever quoted.
 */
final class ServiceAccountFileReader {

    private static final JsonFactory JSON = new JsonFactory();

    private ServiceAccountFileReader() {}

    static Optional<Path> read(Field field) {
        return CredentialFileReader.read(field, "the JSON file of a service account's key", json -> {
            Optional<String> defect = findDefect(json);
            defect.ifPresent(what -> field.problem(
                    "the file that " + field.quotedName() + " names " + what,
                    "make a key of type JSON for the service account, and name that file"));
            return defect.isEmpty();
        });
    }

    private static Optional<String> findDefect(byte[] json) {
        Map<String, String> texts;
        try {
            texts = texts(json);
        } catch (IOException e) {
            return Optional.of("is no JSON object");
        }
        String type = texts.getOrDefault("type", "service_account");
        if (!type.equals("service_account")) {
            return Optional.of("holds a credential of another `type` than service_account");
        }
        for (String key : new String[] {"client_email", "private_key_id", "private_key"}) {
            if (texts.getOrDefault(key, "").isBlank()) {
                return Optional.of("has no `" + key + "`");
            }
        }
        if (!isUrl(texts.getOrDefault("token_uri", "https://oauth2.googleapis.com/token"))) {
            return Optional.of("has a `token_uri` that is no URL");
        }
        return isRsaKey(texts.getOrDefault("private_key", ""))
                ? Optional.empty()
                : Optional.of("has a `private_key` that is no RSA key in PEM's form (PKCS#8)");
    }

    /** @throws IOException if it is no JSON object, or if anything follows it */
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
            // Neither says more than that it is none.
        }
        return false;
    }
}
