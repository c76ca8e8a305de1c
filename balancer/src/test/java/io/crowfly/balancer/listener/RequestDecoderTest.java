package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestDecoderTest {

    private static final int READ_BUFFER_BYTES = 8192;

    private static final String CHUNKED = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";

    private final HeadMemory memory = new HeadMemory(64 * 1024);
    private final EmbeddedChannel channel = new EmbeddedChannel(new RequestDecoder(32 * 1024, memory));
    private final List<ByteBuf> readBuffers = new ArrayList<>();

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        assertThat(readBuffers).allMatch(buffer -> buffer.refCnt() == 0);
    }

    /**
     * Simulates one read of a socket. The buffer is not from a pool, so its reference count stays zero once released.
     */
    private void read(String text) {
        ByteBuf buffer = Unpooled.directBuffer(READ_BUFFER_BYTES);
        buffer.writeCharSequence(text, StandardCharsets.ISO_8859_1);
        readBuffers.add(buffer);
        channel.writeInbound(buffer);
    }

    private void readByteByByte(String text) {
        for (int i = 0; i < text.length(); i++) {
            read(text.substring(i, i + 1));
        }
    }

    private long keptReadBuffers() {
        return readBuffers.stream().filter(buffer -> buffer.refCnt() > 0).count();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /",
                "GET / HTTP/1.1\r\nHost: h\r\nX-",
                "GET / HTTP/1.1\r\nHost: h\r\nX-A: ",
                CHUNKED + "0",
                CHUNKED + "5;",
                CHUNKED + "5\r\nhello\r\n5;",
                CHUNKED + "0\r\nX-A: ",
            })
    void keepsNoReadBufferForALineThatArrivesByteByByte(String before) {
        readByteByByte(before);
        releaseDecoded();
        readByteByByte("0".repeat(2_000));
        assertThat(keptReadBuffers()).isZero();
    }

    @Test
    void keepsNoReadBufferForTheBeginningOfALineAfterABody() {
        read(CHUNKED + "5\r\nhello\r\n5");
        releaseDecoded();
        assertThat(keptReadBuffers()).isZero();
    }

    @Test
    void copiesNoBodyThatFollowsALineInTwoParts() {
        read(CHUNKED + "5");
        read("\r\nhello\r\n");
        List<HttpObject> decoded = decoded();
        assertThat(keptReadBuffers()).isEqualTo(1);
        assertThat(bodyOf(decoded)).isEqualTo("hello");
        decoded.forEach(ReferenceCountUtil::release);
        assertThat(keptReadBuffers()).isZero();
    }

    @Test
    void decodesTheSameHoweverTheBytesArrive() {
        String text = CHUNKED
                + "5;a=b\r\nhello\r\n7\r\n, world\r\n" + "400\r\n" + "x".repeat(1024)
                + "\r\n0\r\nX-T: 1\r\nX-U: 2\r\n\r\n"
                + "POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /3 HTTP/1.1\r\nHost: h\r\n\r\n";
        String whole = decodedInPiecesUpTo(text.length(), text, new SplittableRandom(1));
        for (int seed = 0; seed < 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            assertThat(decodedInPiecesUpTo(1 + random.nextInt(60), text, random))
                    .as("seed %s", seed)
                    .isEqualTo(whole);
        }
    }

    private String decodedInPiecesUpTo(int length, String text, SplittableRandom random) {
        StringBuilder description = new StringBuilder();
        for (int at = 0; at < text.length(); ) {
            int end = Math.min(text.length(), at + 1 + random.nextInt(length));
            read(text.substring(at, end));
            at = end;
            for (HttpObject part : decoded()) {
                describe(part, description);
                ReferenceCountUtil.release(part);
            }
        }
        return description.toString();
    }

    private static void describe(HttpObject part, StringBuilder description) {
        assertThat(part.decoderResult().isSuccess()).isTrue();
        if (part instanceof HttpRequest request) {
            description
                    .append(request.uri())
                    .append(request.headers().entries())
                    .append('\n');
        }
        if (part instanceof HttpContent content) {
            description.append(content.content().toString(StandardCharsets.ISO_8859_1));
        }
        if (part instanceof LastHttpContent last) {
            description.append(last.trailingHeaders().entries()).append('\n');
        }
    }

    @Test
    void releasesAnIncompleteLineWhenTheConnectionCloses() {
        read("GET / HT");
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void passesAnIncompleteLineOnWhenAnotherProtocolFollows() {
        read("GET / HTTP/1.1\r\n\r\nnot HT");
        releaseDecoded();
        channel.pipeline().remove(RequestDecoder.class);
        ByteBuf rest = channel.readInbound();
        assertThat(rest.toString(StandardCharsets.ISO_8859_1)).isEqualTo("not HT");
        rest.release();
    }

    /** Starts a pause with each head, as a connection does while an earlier request has no response. */
    private RequestDecoder pausingAtEachHead() {
        RequestDecoder decoder = channel.pipeline().get(RequestDecoder.class);
        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                if (message instanceof HttpRequest) {
                    decoder.setPaused(true);
                }
                ctx.fireChannelRead(message);
            }
        });
        return decoder;
    }

    private void continueDecoding(RequestDecoder decoder) throws Exception {
        decoder.setPaused(false);
        decoder.decodeUndecoded(channel.pipeline().context(decoder));
    }

    private String description() {
        StringBuilder description = new StringBuilder();
        for (HttpObject part : decoded()) {
            describe(part, description);
            ReferenceCountUtil.release(part);
        }
        return description.toString();
    }

    @Test
    void decodesNothingInAPauseAndTheRestAfterwards() throws Exception {
        RequestDecoder decoder = pausingAtEachHead();
        read("GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /3 HTTP/1.1\r\n\r\nGET /4");
        assertThat(description()).isEqualTo("/1[]\n[]\n");
        assertThat(decoder.hasUndecoded()).isTrue();
        read(" HTTP/1.1\r\n\r\n");
        assertThat(description()).isEmpty();

        continueDecoding(decoder);
        assertThat(description()).isEqualTo("/2[Content-Length=3]\n");
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        continueDecoding(decoder);
        assertThat(description()).isEqualTo("abc[]\n/3[]\n[]\n");
        continueDecoding(decoder);
        assertThat(description()).isEqualTo("/4[]\n[]\n");
        continueDecoding(decoder);
        assertThat(decoder.hasUndecoded()).isFalse();
    }

    @Test
    void dropsWhatWasLeftInAPause() {
        RequestDecoder decoder = pausingAtEachHead();
        read("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
        decoder.dropUndecoded();
        read("GET /3 HTTP/1.1\r\n\r\n");
        assertThat(description()).isEqualTo("/1[]\n[]\n/3[]\n[]\n");
    }

    @Test
    void closesAConnectionThatSendsTooMuchInAPause() {
        pausingAtEachHead();
        read("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
        for (int i = 0; i < 63; i++) {
            read("x".repeat(READ_BUFFER_BYTES));
        }
        assertThat(channel.isOpen()).isTrue();
        read("x".repeat(READ_BUFFER_BYTES));
        assertThat(channel.isOpen()).isFalse();
        releaseDecoded();
    }

    private static String headers(int kib) {
        return ("X-A: " + "x".repeat(1024 - 7) + "\r\n").repeat(kib);
    }

    @Test
    void aShortHeadNeedsNoReservation() {
        read("GET / HTTP/1.1\r\n" + headers(3));
        read("\r\n");
        releaseDecoded();
        assertThat(memory.reservedBytes()).isZero();
    }

    @Test
    void aLongHeadReservesMemoryAsItArrivesUntilItsConnectionCloses() {
        read("GET / HTTP/1.1\r\n" + headers(6));
        assertThat(memory.reservedBytes()).isBetween(12 * 1024L, 13 * 1024L);
        read(headers(6) + "X-B: ");
        assertThat(memory.reservedBytes()).isBetween(24 * 1024L, 25 * 1024L);
        channel.close();
        assertThat(memory.reservedBytes()).isZero();
    }

    @Test
    void theMemoryOfAFinishedLongHeadIsFreeForOthers() {
        RequestDecoder decoder = channel.pipeline().get(RequestDecoder.class);
        read("POST / HTTP/1.1\r\nContent-Length: 2\r\n" + headers(6) + "\r\n");
        assertThat(decoder.hasFinishedLongHead()).isFalse();
        read("ok");
        releaseDecoded();
        assertThat(decoder.hasFinishedLongHead()).isTrue();

        channel.pipeline().replace(decoder, null, decoder.successor());
        assertThat(memory.reservedBytes()).isZero();
        read("GET /2 HTTP/1.1\r\n\r\n");
        assertThat(channel.<HttpRequest>readInbound().uri()).isEqualTo("/2");
    }

    @Test
    void anEmptyLineAfterALongHeadDoesNotKeepItsMemory() {
        RequestDecoder decoder = channel.pipeline().get(RequestDecoder.class);
        read("POST / HTTP/1.1\r\nContent-Length: 2\r\n" + headers(6) + "\r\nok\r\n");
        releaseDecoded();
        assertThat(decoder.hasFinishedLongHead()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"G", "GET / HTTP/1.1\r\n"})
    void theMemoryOfALongHeadIsKeptWhileTheNextHeadIsIncomplete(String next) {
        RequestDecoder decoder = channel.pipeline().get(RequestDecoder.class);
        read("GET / HTTP/1.1\r\n" + headers(6) + "\r\n" + next);
        releaseDecoded();
        assertThat(decoder.hasFinishedLongHead()).isFalse();
        assertThat(decoder.isInsideHead()).isTrue();
    }

    @Test
    void emptyLinesBeforeARequestNeedNoMemory() {
        for (int i = 0; i < 100; i++) {
            read("\r\n".repeat(READ_BUFFER_BYTES / 2));
        }
        assertThat(memory.reservedBytes()).isZero();
        read("GET / HTTP/1.1\r\n\r\n");
        assertThat(channel.<HttpRequest>readInbound().decoderResult().isSuccess())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET\r\n\r\n", "GET / HTTP/1.1\r\nX Y: 1\r\n\r\n", CHUNKED + "z\r\n"})
    void whatFollowsAnInvalidRequestNeedsNoMemory(String invalid) {
        read(invalid);
        assertThat(decoded()).last().matches(part -> part.decoderResult().isFailure());
        for (int i = 0; i < 100; i++) {
            read("x".repeat(READ_BUFFER_BYTES));
        }
        assertThat(memory.reservedBytes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1\r\n", CHUNKED + "0\r\n", CHUNKED + "5;"})
    void refusesWhatFollowsWhenThereIsNoMemory(String before) {
        assertThat(memory.tryReserve(60 * 1024)).isTrue();
        read(before);
        releaseDecoded();
        read(before.endsWith(";") ? "x".repeat(5000) : headers(5));
        HttpObject refused = channel.readInbound();
        assertThat(refused.decoderResult().cause()).isInstanceOf(HeadMemory.ExhaustedException.class);
        ReferenceCountUtil.release(refused);
        read("more");
        assertThat(channel.<Object>readInbound()).isNull();
    }

    @Test
    void refusesALongHeadThatArrivesAtOnceWhenThereIsNoMemory() {
        assertThat(memory.tryReserve(60 * 1024)).isTrue();
        read("GET / HTTP/1.1\r\n" + headers(5) + "\r\n");
        HttpObject refused = channel.readInbound();
        assertThat(refused.decoderResult().cause()).isInstanceOf(HeadMemory.ExhaustedException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1\r\n", CHUNKED + "0\r\n"})
    void limitsTheNumberOfHeadersAndTrailers(String before) {
        read(before);
        releaseDecoded();
        read("a:\r\n".repeat(200));
        assertThat(decoded()).isEmpty();
        read("a:\r\nb:\r\n");
        HttpObject refused = channel.readInbound();
        assertThat(refused.decoderResult().cause()).isInstanceOf(TooLongHttpHeaderException.class);
    }

    private List<HttpObject> decoded() {
        List<HttpObject> decoded = new ArrayList<>();
        for (HttpObject part; (part = channel.readInbound()) != null; ) {
            decoded.add(part);
        }
        return decoded;
    }

    private void releaseDecoded() {
        decoded().forEach(ReferenceCountUtil::release);
    }

    private static String bodyOf(List<HttpObject> decoded) {
        StringBuilder body = new StringBuilder();
        for (HttpObject part : decoded) {
            if (part instanceof HttpContent content) {
                body.append(content.content().toString(StandardCharsets.ISO_8859_1));
            }
        }
        return body.toString();
    }
}
