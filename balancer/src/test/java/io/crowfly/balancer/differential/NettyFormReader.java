package io.crowfly.balancer.differential;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.multipart.DefaultHttpDataFactory;
import io.netty.handler.codec.http.multipart.HttpData;
import io.netty.handler.codec.http.multipart.HttpPostMultipartRequestDecoder;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder;
import io.netty.handler.codec.http.multipart.InterfaceHttpData;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Netty's decoder, which Vert.x and others use. */
final class NettyFormReader implements FormReader {

    /** Without a leak detector: the decoder leaks the content of a file that it cannot decode. */
    private static final ByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(false, true);

    @Override
    public Optional<List<Field>> read(Form form) {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/");
        request.headers().set(HttpHeaderNames.CONTENT_TYPE, form.contentType());
        HttpPostMultipartRequestDecoder decoder = null;
        try {
            if (!HttpPostRequestDecoder.isMultipart(request)) {
                return Optional.empty();
            }
            decoder = new HttpPostMultipartRequestDecoder(new DefaultHttpDataFactory(false), request);
            decoder.offer(new DefaultLastHttpContent(ALLOCATOR.heapBuffer().writeBytes(form.body())));
            return Optional.of(fields(decoder));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        } finally {
            destroy(decoder);
        }
    }

    private static List<Field> fields(HttpPostMultipartRequestDecoder decoder) throws IOException {
        List<Field> fields = new ArrayList<>();
        for (InterfaceHttpData data : decoder.getBodyHttpDatas()) {
            if (data instanceof HttpData field) {
                fields.add(new Field(field.getName(), field.getString()));
            }
        }
        return fields;
    }

    private static void destroy(@Nullable HttpPostMultipartRequestDecoder decoder) {
        if (decoder != null) {
            decoder.destroy();
        }
    }
}
