package io.crowfly.bench.endpoint;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Text of a simulated response, split into tokens. Each token is escaped for use between the quotes of a JSON string.
 */
record OutputText(List<String> tokens) {

    private static final String[] WORDS = {
        "Oslo", " is", " the", " capital", " of", " Norway", " –", " «Tigerstaden»,", " blåbær", " 日本語", " 😀."
    };

    /** Arguments of a function call. The arguments are JSON inside a JSON string, so their quotes are escaped. */
    private static final OutputText ARGUMENTS = new OutputText(List.of("{\\\"", "city", "\\\":\\\"", "Oslo", "\\\"}"));

    /** Returns this number of words, always in the same order. Some words are not ASCII; no word needs escaping. */
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
