package io.crowfly.balancer.transport;

import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Date;
import org.jspecify.annotations.Nullable;

/** Methods of headers about numbers and dates, by means of the methods about texts. As with Netty's headers. */
abstract class HeaderNumbers extends HttpHeaders {

    @Override
    public final @Nullable Integer getInt(CharSequence name) {
        Long value = getLong(name, Integer.MIN_VALUE, Integer.MAX_VALUE);
        return value == null ? null : value.intValue();
    }

    @Override
    public final int getInt(CharSequence name, int defaultValue) {
        Integer value = getInt(name);
        return value == null ? defaultValue : value;
    }

    @Override
    public final @Nullable Short getShort(CharSequence name) {
        Long value = getLong(name, Short.MIN_VALUE, Short.MAX_VALUE);
        return value == null ? null : value.shortValue();
    }

    @Override
    public final short getShort(CharSequence name, short defaultValue) {
        Short value = getShort(name);
        return value == null ? defaultValue : value;
    }

    private @Nullable Long getLong(CharSequence name, long min, long max) {
        String value = get(name);
        try {
            long number = value == null ? Long.MAX_VALUE : Long.parseLong(value);
            return number < min || number > max ? null : number;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    @Override
    public final @Nullable Long getTimeMillis(CharSequence name) {
        String value = get(name);
        Date date = value == null ? null : DateFormatter.parseHttpDate(value);
        return date == null ? null : date.getTime();
    }

    @Override
    public final long getTimeMillis(CharSequence name, long defaultValue) {
        Long value = getTimeMillis(name);
        return value == null ? defaultValue : value;
    }

    @Override
    public final HttpHeaders addInt(CharSequence name, int value) {
        return add(name, Integer.toString(value));
    }

    @Override
    public final HttpHeaders addShort(CharSequence name, short value) {
        return add(name, Short.toString(value));
    }

    @Override
    public final HttpHeaders setInt(CharSequence name, int value) {
        return set(name, Integer.toString(value));
    }

    @Override
    public final HttpHeaders setShort(CharSequence name, short value) {
        return set(name, Short.toString(value));
    }
}
