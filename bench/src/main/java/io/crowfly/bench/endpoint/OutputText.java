package io.crowfly.bench.endpoint;

import java.util.List;
import java.util.stream.IntStream;

/** What an answer says, token by token, each as it stands between the quotes of a JSON string. */
record OutputText(List<String> tokens) {

    private static final String[] WORDS = {
        "Oslo", " is", " the", " capital", " of", " Norway", " –", " «Tigerstaden»,", " blåbær", " 日本語", " 😀."
    };

    /** A function's arguments, in JSON within JSON. */
    private static final OutputText ARGUMENTS = new OutputText(List.of("{\\\"", "city", "\\\":\\\"", "Oslo", "\\\"}"));

    /** The same words round and round, some of them outside ASCII, none in need of escaping. */
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
