package io.crowfly.balancer.content;

import io.crowfly.balancer.content.JsonTokenizer.Token;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Finds in an answer, while it passes, the secret by which a browser may open one realtime session: {@code {"value":"ek_…"}},
 * or in the API's older form {@code {"client_secret":{"value":"ek_…"}}}. See the package for ownership and threads.
 */
public final class SecretScanner {

    /** Over ten times as long as those seen; in bytes. */
    static final int MAX_SECRET_BYTES = 512;

    private static final byte[] PREFIX = "ek_".getBytes(StandardCharsets.US_ASCII);

    private static final Names KEYS = new Names("value", "client_secret");
    private static final int VALUE = 0;
    private static final int CLIENT_SECRET = 1;

    /** Depth of the outermost object's keys. */
    private static final int TOP = 1;

    private final JsonTokenizer json = new JsonTokenizer(KEYS, MAX_SECRET_BYTES);
    private final Consumer<String> found;

    /** The key that the next token is the value of, where it matters there, or {@link NameMatcher#NONE}. */
    private int field = NameMatcher.NONE;

    /** @param found told the secret as soon as its last byte has been seen: its client may show it at once */
    public SecretScanner(Consumer<String> found) {
        this.found = found;
    }

    /** Looks at the next bytes of the answer, however it is cut. Borrows the chunk: moves no index, keeps no reference. */
    public void scan(ByteBuf chunk) {
        int index = chunk.readerIndex();
        int end = chunk.writerIndex();
        for (Token token; (token = json.next(chunk, index, end)) != Token.MORE; index = json.index()) {
            if (token == Token.MALFORMED) {
                return;
            } else if (token == Token.KEY) {
                key(json.name());
            } else {
                value(token);
            }
        }
    }

    private void key(int name) {
        boolean top = json.depth() == TOP;
        if (name == VALUE && (top || json.inMarked())) {
            field = VALUE;
            json.keepNextText();
        } else {
            field = name == CLIENT_SECRET && top ? CLIENT_SECRET : NameMatcher.NONE;
        }
    }

    private void value(Token token) {
        if (field == VALUE && token == Token.STRING) {
            string(json.text());
        } else if (field == CLIENT_SECRET && token == Token.START_OBJECT) {
            json.mark();
        }
        field = NameMatcher.NONE;
    }

    private void string(DecodedText text) {
        if (!text.tooLong() && text.startsWith(PREFIX) && text.isVisibleAscii()) {
            found.accept(text.toString());
        }
    }
}
