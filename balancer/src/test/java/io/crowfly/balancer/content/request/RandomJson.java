package io.crowfly.balancer.content.request;

import io.crowfly.balancer.content.json.JsonTokenizer;
import java.util.Random;

/**
 * Generator of documents that are difficult for a scanner: decoy keys, every kind of escape and number, unusual white
 * space, nesting.
 */
final class RandomJson {

    private static final String[] KEYS = {
        "model",
        "\\u006dodel",
        "mode\\u006C",
        "stream",
        "str\\u0065am",
        "models",
        "mode",
        "Model",
        "M\\u004fDEL",
        "",
        "messages",
        "id",
        "i\\u0064",
        "conversation",
        "file_id",
        "file_ids",
        "previous_response_id"
    };
    private static final String[] PIECES = {
        "x",
        "gpt-4o",
        "é",
        "日本",
        "😀",
        "\\n",
        "\\\"",
        "\\\\",
        "\\/",
        "\\b\\f\\r\\t",
        "\\u0041",
        "\\u00e9",
        "\\u65E5",
        "\\ud83d\\ude00",
        "\\ud83d",
        "\\ude00",
        "\\u0000",
        "{\\\"model\\\":",
        "}],",
        "data:image/png;base64,iVBORw0KGgo=",
        "\u007f",
        "\u2028",
        "rs_",
        "\\u0072s_1",
        "file-7"
    };
    private static final String[] NUMBERS = {
        "0", "-0", "7", "-12", "3.25", "0.5", "1e9", "2E+3", "1.5e-7", "120034567890"
    };
    /** Smallest depth of a deep document, in containers; close to the limit. */
    private static final int LEAST_DEEP = JsonTokenizer.MAX_DEPTH - 8;

    private static final String[] WHITE_SPACE = {"", "", "", "", " ", "\n", "\r\n", "\t ", "        "};

    private final Random random;
    private final StringBuilder out = new StringBuilder();

    private RandomJson(Random random) {
        this.random = random;
    }

    static String document(Random random) {
        RandomJson json = new RandomJson(random);
        if (json.oneIn(10)) {
            json.out.append('\uFEFF');
        }
        json.whiteSpace();
        if (json.oneIn(20)) {
            json.value(0);
        } else {
            json.object(0);
        }
        json.whiteSpace();
        if (json.oneIn(30)) {
            json.value(0);
        }
        return json.out.toString();
    }

    private void value(int depth) {
        int kinds = depth < 5 ? 8 : 6;
        switch (random.nextInt(kinds)) {
            case 0 -> out.append("true");
            case 1 -> out.append("false");
            case 2 -> out.append("null");
            case 3 -> out.append(any(NUMBERS));
            case 4, 5 -> string();
            case 6 -> array(depth);
            default -> {
                if (oneIn(60)) {
                    deepNesting(depth);
                } else {
                    object(depth);
                }
            }
        }
    }

    private void deepNesting(int depth) {
        int levels = LEAST_DEEP - depth + random.nextInt(16);
        StringBuilder ends = new StringBuilder(levels);
        for (int level = 0; level < levels; level++) {
            boolean object = oneIn(3);
            out.append(object ? "{\"id\":" : "[");
            ends.append(object ? '}' : ']');
        }
        string();
        out.append(ends.reverse());
    }

    private void object(int depth) {
        out.append('{');
        for (int members = random.nextInt(5), i = 0; i < members; i++) {
            out.append(i == 0 ? "" : ",");
            whiteSpace();
            if (oneIn(4)) {
                string();
            } else {
                out.append('"').append(any(KEYS)).append('"');
            }
            whiteSpace();
            out.append(':');
            whiteSpace();
            value(depth + 1);
            whiteSpace();
        }
        whiteSpace();
        out.append('}');
    }

    private void array(int depth) {
        out.append('[');
        for (int elements = random.nextInt(4), i = 0; i < elements; i++) {
            out.append(i == 0 ? "" : ",");
            whiteSpace();
            value(depth + 1);
            whiteSpace();
        }
        out.append(']');
    }

    private void string() {
        out.append('"');
        for (int pieces = random.nextInt(5); pieces > 0; pieces--) {
            out.append(any(PIECES).repeat(oneIn(20) ? 30 : 1));
        }
        out.append('"');
    }

    private void whiteSpace() {
        out.append(any(WHITE_SPACE));
    }

    private String any(String[] choices) {
        return choices[random.nextInt(choices.length)];
    }

    private boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }
}
