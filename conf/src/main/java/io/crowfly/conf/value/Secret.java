package io.crowfly.conf.value;

/**
 * Secret value, for example a key or token. Only {@link #reveal} returns the value; {@link #toString} returns stars, so
 * that the value never reaches a log, a metric or a dump by accident.
 */
public final class Secret implements SecretSource {

    private final String value;

    public Secret(String value) {
        this.value = value;
    }

    public String reveal() {
        return value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && secret.value.equals(value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return "***";
    }
}
