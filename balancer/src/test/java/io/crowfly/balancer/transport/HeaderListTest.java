package io.crowfly.balancer.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map.Entry;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Headers in one array, compared with Netty's own headers. */
class HeaderListTest {

    private static final List<String> NAMES =
            List.of("a", "A", "content-length", "Content-Length", "x-request-id", "host", "te", "connection");

    private final HttpHeaders headers = new HeaderList(DefaultHttpHeadersFactory.headersFactory());

    @Test
    void hasTheSameContentAsNettysHeadersAfterAnyChanges() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            HttpHeaders ours = new HeaderList(DefaultHttpHeadersFactory.headersFactory());
            HttpHeaders nettys = new DefaultHttpHeaders();
            for (int step = 0; step < 60; step++) {
                int kind = random.nextInt(6);
                String name = NAMES.get(random.nextInt(NAMES.size()));
                boolean ascii = random.nextBoolean();
                change(ours, kind, name, step, ascii);
                change(nettys, kind, name, step, ascii);
            }
            assertSame(ours, nettys);
            assertSame(ours.copy(), nettys);
        }
    }

    private static void change(HttpHeaders headers, int kind, String name, int step, boolean ascii) {
        CharSequence key = ascii ? AsciiString.of(name) : name;
        switch (kind) {
            case 0, 1, 2 -> headers.add(key, "v" + step);
            case 3 -> headers.set(key, step);
            case 4 -> headers.set(name, List.of("x" + step, "y" + step));
            default -> headers.remove(key);
        }
    }

    private static void assertSame(HttpHeaders ours, HttpHeaders nettys) {
        assertThat(ours.size()).isEqualTo(nettys.size());
        assertThat(ours.isEmpty()).isEqualTo(nettys.isEmpty());
        for (String name : NAMES) {
            assertThat(ours.getAll(name)).isEqualTo(nettys.getAll(name));
            assertThat(ours.getAll(AsciiString.of(name))).isEqualTo(nettys.getAll(name));
            assertThat(ours.get(name)).isEqualTo(nettys.get(name));
            assertThat(ours.contains(name)).isEqualTo(nettys.contains(name));
            assertThat(ours.getInt(name, -1)).isEqualTo(nettys.getInt(name, -1));
            assertThat(ours.getShort(name, (short) -1)).isEqualTo(nettys.getShort(name, (short) -1));
            List<String> values = new ArrayList<>();
            ours.valueStringIterator(name).forEachRemaining(values::add);
            assertThat(values).isEqualTo(nettys.getAll(name));
        }
        assertThat(lines(ours)).containsExactlyInAnyOrderElementsOf(lines(nettys));
        List<String> ofCursor = new ArrayList<>();
        ours.iteratorCharSequence()
                .forEachRemaining(field ->
                        ofCursor.add(field.getKey().toString().toLowerCase(Locale.ROOT) + ": " + field.getValue()));
        assertThat(ofCursor).isEqualTo(lines(ours));
    }

    private static List<String> lines(HttpHeaders headers) {
        List<String> lines = new ArrayList<>();
        for (Entry<String, String> field : headers.entries()) {
            lines.add(field.getKey().toLowerCase(Locale.ROOT) + ": " + field.getValue());
        }
        return lines;
    }

    @Test
    void findsACommaSeparatedValue() {
        headers.add("connection", "keep-alive, Upgrade");

        assertThat(headers.containsValue("Connection", "upgrade", true)).isTrue();
        assertThat(headers.containsValue("Connection", "close", true)).isFalse();
    }

    @Test
    void aCopyIsIndependent() {
        headers.add("a", "1");
        HttpHeaders copy = headers.copy();
        copy.set("a", "2").add("b", "3");

        assertThat(headers.entries()).extracting(Entry::toString).containsExactly("a=1");
        assertThat(copy.entries()).extracting(Entry::toString).containsExactly("a=2", "b=3");
    }

    @Test
    void refusesInvalidNamesAndValues() {
        assertThatThrownBy(() -> headers.add("a b", "1")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> headers.set("", "1")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> headers.set("a", "1\r\nb: 2")).isInstanceOf(IllegalArgumentException.class);
        assertThat(headers.isEmpty()).isTrue();
        HttpHeaders copy = headers.copy();
        assertThatThrownBy(() -> copy.set("a", "1\r\nb: 2")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void decodedTrailersContainNoFraming() {
        HttpHeaders trailers = DecodedHeaders.trailers().newHeaders();

        assertThatThrownBy(() -> trailers.add("Transfer-Encoding", "chunked"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void decodedHeadersAreLimited() {
        HttpHeaders decoded = DecodedHeaders.headers().newHeaders();
        for (int i = 0; i < DecodedHeaders.MAX_HEADERS; i++) {
            decoded.add("a", i);
        }

        assertThatThrownBy(() -> decoded.add("a", "")).isInstanceOf(TooLongHttpHeaderException.class);
        assertThat(decoded.copy().add("a", "").size()).isEqualTo(DecodedHeaders.MAX_HEADERS + 1);
    }
}
