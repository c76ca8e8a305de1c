package io.crowfly.balancer.differential;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Generator of heads of parts from headers and parameters that clients send, in any combination and order. No client
 * sends some of the combinations.
 */
final class PartHeadGenerator {

    private static final String[] NAMES = {
        "model", "model", "model", "Model", "models", "model[]", "model.a", "a-model", "prompt", "include[]"
    };

    private static final String[] DISPOSITIONS = {
        "form-data; name=\"{NAME}\"",
        "form-data; name={NAME}",
        "form-data;name=\"{NAME}\"",
        "Form-Data; Name=\"{NAME}\"",
        "form-data; size=3; name=\"{NAME}\"",
        "form-data; name=\"{NAME}\"; a=b",
        "form-data; name=\"{NAME}\"; filename=\"a.wav\"",
        "form-data; filename=a.wav; name={NAME}",
        "form-data; name=\"{NAME}\"; filename=\"\"",
        "form-data; name=\"{NAME}\"; filename*=utf-8''a",
        "form-data; name=\"{NAME}\"; filename=\"a\\b é'=;,.wav\"",
        "form-data; name=\"{NAME}\"; filename=\"a\\\"; size=3; \\\"b\"",
        "form-data; name=\"{NAME}\"; filename=\"a\\\\\"",
        "form-data; filename=\"a\\\"b\"; name=\"{NAME}\"",
        "form-data; name=\"{NAME}\"; filename=\"model\"; creation-date=\"Mon, 30 Nov 2026 12:00:00 GMT\""
    };

    private static final String[] TYPES = {
        "text/plain",
        "TEXT/PLAIN",
        "text/plain; charset=utf-8",
        "text/plain;charset=UTF8",
        "text/plain; charset=\"us-ascii\"",
        "text/plain; charset=iso-8859-1",
        "text/plain; charset=windows-1252",
        "text/plain; charset=shift_jis",
        "text/plain; format=flowed",
        "text/html",
        "application/json",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "audio/wav"
    };

    private static final String[] ENCODINGS = {
        "binary", "7bit", "8bit", "BINARY", "8-bit", "identity", "utf-8", "base64"
    };

    private static final String[] LENGTHS = {"{LENGTH}", "{LENGTH}", "0{LENGTH}", "{LENGTH}0"};

    private final Random random;

    PartHeadGenerator(Random random) {
        this.random = random;
    }

    /** Returns headers without the empty line; {@code {LENGTH}} stands for the length of the content. */
    String next() {
        List<String> headers = new ArrayList<>();
        headers.add("Content-Disposition: " + any(DISPOSITIONS).replace("{NAME}", any(NAMES)));
        addSometimes(headers, "Content-Type: ", TYPES);
        addSometimes(headers, "Content-Transfer-Encoding: ", ENCODINGS);
        addSometimes(headers, "Content-Length: ", LENGTHS);
        Collections.shuffle(headers, random);
        return String.join("\r\n", headers);
    }

    private void addSometimes(List<String> headers, String name, String[] values) {
        if (random.nextInt(3) == 0) {
            headers.add((random.nextInt(4) == 0 ? name.toLowerCase(Locale.ROOT) : name) + any(values));
        }
    }

    private String any(String[] choices) {
        return choices[random.nextInt(choices.length)];
    }
}
