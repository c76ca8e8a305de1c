package io.crowfly.balancer.content.json;

/** State machine that checks a JSON number (RFC 8259, section 6), one byte at a time. */
final class JsonNumber {

    /** Result of {@link #next}: the byte is not part of the number, and the number before it is complete. */
    static final int ENDED = -1;

    /** Result of {@link #next}: the byte is not allowed here, so the number is invalid. */
    static final int INVALID = -2;

    private static final int MINUS = 0;
    private static final int ZERO = 1;
    private static final int INTEGER = 2;
    private static final int POINT = 3;
    private static final int FRACTION = 4;
    private static final int E = 5;
    private static final int SIGN = 6;
    private static final int EXPONENT = 7;

    private JsonNumber() {}

    /** Returns the state after the first byte of a number; {@link #INVALID} if no number starts with this byte. */
    static int start(byte b) {
        if (b == '-') {
            return MINUS;
        }
        return isDigit(b) ? integer(b) : INVALID;
    }

    static int next(int state, byte b) {
        return switch (state) {
            case MINUS -> isDigit(b) ? integer(b) : INVALID;
            case ZERO -> isDigit(b) ? INVALID : afterInteger(b);
            case INTEGER -> isDigit(b) ? INTEGER : afterInteger(b);
            case POINT -> isDigit(b) ? FRACTION : INVALID;
            case FRACTION -> isDigit(b) ? FRACTION : isE(b) ? E : ENDED;
            case E -> isDigit(b) ? EXPONENT : b == '+' || b == '-' ? SIGN : INVALID;
            case SIGN -> isDigit(b) ? EXPONENT : INVALID;
            default -> isDigit(b) ? EXPONENT : ENDED;
        };
    }

    private static int integer(byte digit) {
        return digit == '0' ? ZERO : INTEGER;
    }

    private static int afterInteger(byte b) {
        return b == '.' ? POINT : isE(b) ? E : ENDED;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static boolean isE(byte b) {
        return b == 'e' || b == 'E';
    }
}
