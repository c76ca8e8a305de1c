package io.crowfly.balancer.differential;

import java.util.Random;

/** Generator of request targets: real ones, and such with a few changes that some servers undo. Seeded. */
final class PathGenerator {

    private static final String[] REAL = {
        "/v1/chat/completions",
        "/v1/embeddings",
        "/embeddings",
        "/chat/completions/",
        "/files/file-Abc123/content/",
        "/v1/responses/resp_0a1B/input_items?limit=2",
        "/v1/files/file-Abc123/content",
        "/v1/batches/batch_68f0/cancel",
        "/v1/models/meta-llama/Llama-3.3-70B-Instruct",
        "/v1/models/gpt-4o:2024",
        "/v1/publishers/google/models/x@001:generateContent",
        "/openai/v1/chat/completions",
        "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
        "/openai/responses?api-version=1",
        "/v1/realtime?model=gpt-realtime",
        "/metrics",
        "/"
    };

    private static final String[] HOSTILE = {
        "/",
        "//",
        "/.",
        "/..",
        "/./",
        "/../",
        "/x/../",
        "%2F",
        "%2f",
        "%5C",
        "\\",
        ";",
        ";a=b",
        "%3B",
        "%2E",
        "%2e%2E/",
        "%00",
        "%20",
        "%0D%0A",
        "%25",
        "%252F",
        "%3F",
        "%23",
        "?",
        "&",
        "%",
        "%4",
        "%zz",
        "%c0%af",
        "%C1%A3",
        "%ef%bd%81",
        "%e2%80%ae",
        "+",
        ",",
        "!",
        "*",
        "'",
        "(",
        "$",
        "=",
        "@",
        ":",
        "~",
        "|",
        "^",
        "{",
        "\"",
        "<",
        ".",
        "...",
        "%61",
        "%41",
        "A",
        "a",
        "%u0061",
        "h://",
        "@h/"
    };

    private final Random random;

    PathGenerator(long seed) {
        random = new Random(seed);
    }

    String next() {
        StringBuilder target = new StringBuilder(any(REAL));
        if (random.nextInt(4) == 0) {
            int at = random.nextInt(target.length());
            target.setCharAt(at, Character.toUpperCase(target.charAt(at)));
        }
        for (int changes = random.nextInt(4); changes > 0; changes--) {
            int at = 1 + random.nextInt(target.length());
            switch (random.nextInt(4)) {
                case 0 -> target.insert(at, any(HOSTILE));
                case 1 -> encode(target, at - 1);
                case 2 -> {
                    int slash = target.indexOf("/", at);
                    if (slash > 0) {
                        target.replace(slash, slash + 1, any(HOSTILE));
                    }
                }
                default -> {
                    int slash = target.indexOf("/", at);
                    target.insert(slash > 0 ? slash : target.length(), any(HOSTILE));
                }
            }
        }
        return target.toString();
    }

    /** Percent-encodes one character, which servers undo once or twice, or not. */
    private void encode(StringBuilder target, int at) {
        char c = target.charAt(at);
        if (at > 0) {
            target.replace(at, at + 1, String.format(random.nextBoolean() ? "%%%02x" : "%%%02X", (int) c));
        }
    }

    private String any(String[] choices) {
        return choices[random.nextInt(choices.length)];
    }
}
