package io.crowfly.bench.endpoint;

import java.util.List;
import java.util.stream.IntStream;

/** The text of a response as tokens, each escaped for use between the quotes of a JSON string. */
record OutputText(List<String> tokens) {

    private static final String[] WORDS = {
        "Oslo", " is", " the", " capital", " of", " Norway", " –", " «Tigerstaden»,", " blåbær", " 日本語", " 😀."
    };

    /** The arguments of a function call: JSON, escaped within JSON. */
    private static final OutputText ARGUMENTS = new OutputText(List.of("{\\\"", "city", "\\\":\\\"", "Oslo", "\\\"}"));

    /** Returns the same words in rotation, some of them outside ASCII. No word needs escaping. */
    static OutputText words(int count) {
        return new OutputText(
                IntStream.range(0, count).mapToObj(OutputText::word).toList());
    }

    static OutputText arguments() {
        return ARGUMENTS;
    }

    private static String word(int index) {
        return WORDS[index % WORDS.length];
    }

    String joined() {
        return String.join("", tokens);
    }
}
