package io.crowfly.balancer.content.response;

import io.crowfly.balancer.content.json.ChunkView;
import io.crowfly.balancer.content.json.DecodedText;
import io.crowfly.balancer.content.json.JsonTokenizer;
import io.crowfly.balancer.content.json.JsonTokenizer.Token;
import io.crowfly.balancer.content.json.NameMatcher;
import io.crowfly.balancer.content.json.NameTable;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Scanner of a response that finds the client secret with which a browser may open one realtime session: {@code
 * {"value":"ek_…"}}, or in the API's older form {@code {"client_secret":{"value":"ek_…"}}}. See the package {@code
 * content} for ownership and threads.
 */
public final class ClientSecretScanner {

    /** Maximum length of a secret, in bytes: more than ten times the length of the secrets seen. */
    static final int MAX_SECRET_BYTES = 512;

    private static final byte[] PREFIX = "ek_".getBytes(StandardCharsets.US_ASCII);

    private static final NameTable KEYS = new NameTable("value", "client_secret");
    private static final int VALUE = 0;
    private static final int CLIENT_SECRET = 1;

    /** Depth of the keys in the outermost object. */
    private static final int TOP = 1;

    private final JsonTokenizer json = new JsonTokenizer(KEYS, MAX_SECRET_BYTES);
    private final Consumer<String> onSecret;

    /** Key of the next value, if the scanner reads this key at this depth; otherwise {@link NameMatcher#NONE}. */
    private int currentKey = NameMatcher.NONE;

    /**
     * @param onSecret called with the secret as soon as its last byte has been read, because the client may use the
     *     secret at once
     */
    public ClientSecretScanner(Consumer<String> onSecret) {
        this.onSecret = onSecret;
    }

    /** Reads the next bytes of the response, cut anywhere. Borrows the chunk: moves no index, keeps no reference. */
    public void scan(ByteBuf chunk) {
        ChunkView.scan(chunk, this::scan);
    }

    private void scan(ByteBuffer bytes) {
        int index = 0;
        for (Token token; (token = json.next(bytes, index, bytes.limit())) != Token.MORE; index = json.index()) {
            if (token == Token.MALFORMED) {
                return;
            } else if (token == Token.KEY) {
                onKey(json.keyIndex());
            } else {
                onValue(token);
            }
        }
    }

    private void onKey(int key) {
        boolean top = json.depth() == TOP;
        if (key == VALUE && (top || json.inMarkedContainer())) {
            currentKey = VALUE;
            json.keepNextText();
        } else {
            currentKey = key == CLIENT_SECRET && top ? CLIENT_SECRET : NameMatcher.NONE;
        }
    }

    private void onValue(Token token) {
        if (currentKey == VALUE && token == Token.STRING) {
            reportIfSecret(json.text());
        } else if (currentKey == CLIENT_SECRET && token == Token.START_OBJECT) {
            json.markContainer();
        }
        currentKey = NameMatcher.NONE;
    }

    private void reportIfSecret(DecodedText text) {
        if (!text.tooLong() && text.startsWith(PREFIX) && text.isVisibleAscii()) {
            onSecret.accept(text.toString());
        }
    }
}
