package io.crowfly.balancer.provider;

import io.netty.util.AsciiString;
import java.util.Arrays;

/**
 * Test whether the name of a header or query parameter may be that of a credential: the name contains a word such as
 * {@code key} or {@code token}. Only the name is examined, because a value does not reveal what it is.
 */
final class CredentialNames {

    /** Parts of the names under which clients and gateways are known to send a credential. */
    private static final String[] WORDS = {
        "auth", "bearer", "cookie", "credential", "jwt", "key", "passwd", "password", "secret", "signature", "token"
    };

    /** Words by their first character, so that most characters of a name need no comparison. */
    private static final String[][] WORDS_BY_FIRST = byFirst();

    /**
     * Names with such a word that carry no credential: keys of operations, handshakes and caches, limits and pages of
     * tokens, and ids of keys.
     */
    static final NameSet HARMLESS = NameSet.of(
            "api_key_ids",
            "idempotency-key",
            "max_completion_tokens",
            "max_output_tokens",
            "max_tokens",
            "min_tokens",
            "next_page_token",
            "page_token",
            "prompt-cache-key",
            "prompt_cache_key",
            "sec-websocket-key",
            "x-idempotency-key");

    private CredentialNames() {}

    private static String[][] byFirst() {
        String[][] byFirst = new String[128][];
        for (char first = 0; first < byFirst.length; first++) {
            String prefix = String.valueOf(first);
            byFirst[first] =
                    Arrays.stream(WORDS).filter(word -> word.startsWith(prefix)).toArray(String[]::new);
        }
        return byFirst;
    }

    /**
     * Returns whether the name may be one of a credential. A name with other characters than printable ASCII, or with a
     * percent sign, may be one, because servers differ in how they read it.
     *
     * @param name decoded; allocates nothing
     */
    static boolean contains(CharSequence name) {
        boolean hasWord = false;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < ' ' || c > '~' || c == '%') {
                return true;
            }
            hasWord = hasWord || hasWordAt(name, i, AsciiString.toLowerCase(c));
        }
        return hasWord && !HARMLESS.contains(Query.withoutIndex(name));
    }

    private static boolean hasWordAt(CharSequence name, int at, char first) {
        for (String word : WORDS_BY_FIRST[first]) {
            if (AsciiString.regionMatches(name, true, at, word, 0, word.length())) {
                return true;
            }
        }
        return false;
    }
}
