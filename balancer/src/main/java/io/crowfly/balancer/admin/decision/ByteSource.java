package io.crowfly.balancer.admin.decision;

import io.crowfly.probes.forecast.ProbeTimes;

/** Reader of the values that {@link ByteSink} has written. */
final class ByteSource {

    private final byte[] bytes;
    private int index;

    ByteSource(byte[] bytes, int index) {
        this.bytes = bytes;
        this.index = index;
    }

    int index() {
        return index;
    }

    int getByte() {
        return bytes[index++] & 0xff;
    }

    boolean getFlag() {
        return getByte() != 0;
    }

    long getNumber() {
        long rest = 0;
        for (int shift = 0; ; shift += 7) {
            int group = getByte();
            rest |= (long) (group & 0x7f) << shift;
            if (group < 0x80) {
                return rest >>> 1 ^ -(rest & 1);
            }
        }
    }

    long getNanos() {
        long micros = getNumber();
        return micros == -1 ? ProbeTimes.ABSENT : micros * 1000;
    }

    double getShare() {
        return getNumber() / 1000.0;
    }

    String getText() {
        int count = (int) getNumber();
        StringBuilder text = new StringBuilder(count);
        for (int i = 0; i < count; i++) {
            int first = getByte();
            text.append((char) (first < 0x80 ? first : (first & 0x7f) << 9 | getByte() << 2 | getByte()));
        }
        return text.toString();
    }
}
