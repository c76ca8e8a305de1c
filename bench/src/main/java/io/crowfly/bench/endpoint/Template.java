package io.crowfly.bench.endpoint;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text with {@code {{named}}} places, cut up once so that filling it is a row of array copies. */
final class Template {

    private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z-]+)}}");
    private static final int SPARE_BYTES_PER_PLACE = 32;

    private final List<byte[]> literals = new ArrayList<>();
    private final List<String> places = new ArrayList<>();
    private int size;

    Template(String text) {
        Matcher matcher = PLACE.matcher(text);
        int from = 0;
        while (matcher.find()) {
            literal(text.substring(from, matcher.start()));
            places.add(matcher.group(1));
            from = matcher.end();
        }
        literal(text.substring(from));
    }

    private void literal(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        literals.add(bytes);
        size += bytes.length + SPARE_BYTES_PER_PLACE;
    }

    /** The text with each place filled by what {@code values} says for its name; the caller owns the buffer. */
    ByteBuf fill(ByteBufAllocator allocator, UnaryOperator<String> values) {
        ByteBuf out = allocator.buffer(size);
        for (int i = 0; i < literals.size(); i++) {
            out.writeBytes(literals.get(i));
            if (i < places.size()) {
                out.writeCharSequence(values.apply(places.get(i)), StandardCharsets.UTF_8);
            }
        }
        return out;
    }

    String fill(UnaryOperator<String> values) {
        StringBuilder out = new StringBuilder(size);
        for (int i = 0; i < literals.size(); i++) {
            out.append(new String(literals.get(i), StandardCharsets.UTF_8));
            if (i < places.size()) {
                out.append(values.apply(places.get(i)));
            }
        }
        return out.toString();
    }
}
