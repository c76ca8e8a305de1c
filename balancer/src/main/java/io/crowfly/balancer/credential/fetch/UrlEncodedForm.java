package io.crowfly.balancer.credential.fetch;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Encoder of names and values for a form body or a query ({@code application/x-www-form-urlencoded}) of a token
 * request.
 */
final class UrlEncodedForm {

    private final Map<String, String> fields = new LinkedHashMap<>();

    UrlEncodedForm with(String name, String value) {
        fields.put(name, value);
        return this;
    }

    String encoded() {
        return fields.entrySet().stream()
                .map(field -> encode(field.getKey()) + '=' + encode(field.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
