package io.crowfly.bench.endpoint.request;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.multipart.Attribute;
import io.netty.handler.codec.http.multipart.DefaultHttpDataFactory;
import io.netty.handler.codec.http.multipart.FileUpload;
import io.netty.handler.codec.http.multipart.HttpPostMultipartRequestDecoder;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder;
import io.netty.handler.codec.http.multipart.InterfaceHttpData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reader of a {@code multipart/form-data} request to the simulated endpoint, which has one file and fields in any
 * order. It collects the whole form before decoding, because Netty's decoder (4.2.18), when fed in pieces, leaves a CR
 * at the end of a value whose delimiter is split.
 */
public final class FormBody implements RequestBody {

    /** Limit of a form, in bytes. No provider accepts a larger one. */
    private static final int MAX_FORM_BYTES = 64 * 1024 * 1024;

    private final HttpRequest request;
    private final ByteArrayOutputStream form = new ByteArrayOutputStream();
    private boolean tooLarge;

    public FormBody(HttpRequest request) {
        this.request = request;
    }

    @Override
    public void feed(ByteBuf chunk) {
        tooLarge |= form.size() + chunk.readableBytes() > MAX_FORM_BYTES;
        if (tooLarge) {
            return;
        }
        try {
            chunk.getBytes(chunk.readerIndex(), form, chunk.readableBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<ParsedRequest> finish() {
        if (tooLarge || !HttpPostRequestDecoder.isMultipart(request)) {
            return Optional.empty();
        }
        DefaultHttpDataFactory inMemory = new DefaultHttpDataFactory(false);
        HttpPostMultipartRequestDecoder decoder = null;
        try {
            decoder = new HttpPostMultipartRequestDecoder(inMemory, request);
            decoder.offer(new DefaultLastHttpContent(Unpooled.wrappedBuffer(form.toByteArray())));
            return parse(decoder.getBodyHttpDatas());
        } catch (HttpPostRequestDecoder.NotEnoughDataDecoderException
                | HttpPostRequestDecoder.EndOfDataDecoderException
                | HttpPostRequestDecoder.ErrorDataDecoderException
                | IOException e) {
            return Optional.empty();
        } finally {
            if (decoder != null) {
                release(decoder);
            }
        }
    }

    private static void release(HttpPostMultipartRequestDecoder decoder) {
        // The decoder's {@code destroy} releases only complete parts, so an incomplete part is released here.
        InterfaceHttpData half = decoder.currentPartialHttpData();
        if (half != null && half.refCnt() > 0) {
            half.release();
        }
        decoder.destroy();
    }

    private static Optional<ParsedRequest> parse(List<InterfaceHttpData> parts) throws IOException {
        Map<String, String> fields = new HashMap<>();
        List<FileUpload> files = new ArrayList<>();
        for (InterfaceHttpData part : parts) {
            if (part instanceof FileUpload file) {
                files.add(file);
            } else if (part instanceof Attribute field && fields.put(field.getName(), field.getValue()) != null) {
                // A repeated field makes the form invalid.
                return Optional.empty();
            }
        }
        return files.size() == 1 ? Optional.of(parsed(fields, files.get(0))) : Optional.empty();
    }

    private static ParsedRequest parsed(Map<String, String> fields, FileUpload file) throws IOException {
        return new ParsedRequest(
                fields.getOrDefault("model", ""),
                "true".equals(fields.get("stream")),
                false,
                OptionalInt.empty(),
                new ParsedRequest.EmbeddingOptions(1, false, 1),
                new ParsedRequest.StateReferences(
                        Optional.empty(), Optional.empty(), List.of(), List.of(), Optional.empty(), false),
                Optional.empty(),
                "",
                Optional.of(new ParsedRequest.UploadedFile(
                        file.getFilename(), file.get(), fields.getOrDefault("purpose", ""))));
    }
}
