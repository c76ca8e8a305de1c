package io.crowfly.bench.endpoint;

import java.util.Map;

/** What a simulated model says: the same words round and round, some of them outside ASCII, none in need of escaping. */
final class Words {

    private static final String[] WORDS = {
        "Oslo", " is", " the", " capital", " of", " Norway", " –", " «Tigerstaden»,", " blåbær", " 日本語", " 😀."
    };

    /** As many as every request is said to have had. */
    private static final int PROMPT_TOKENS = 11;

    private Words() {}

    /** @param index from 0 */
    static String at(int index) {
        return WORDS[index % WORDS.length];
    }

    static String first(int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(at(i));
        }
        return text.toString();
    }

    /** What fixtures name of a model and of its use. */
    static Map<String, String> values(String model, int tokens) {
        return Map.of(
                "model", Answer.quoted(model),
                "tokens", String.valueOf(tokens),
                "total-tokens", String.valueOf(PROMPT_TOKENS + tokens));
    }
}
