package io.crowfly.bench.endpoint.dialect;

/**
 * That a request is not served, and why.
 *
 * @param fixture of the error, where a status has several: the name of a fixture; empty for the status's usual one
 * @param reason for whoever looks for the cause; never has a secret in it
 */
public record Refusal(int status, String fixture, String reason) implements Resolution {

    public static Refusal withStatus(int status, String reason) {
        return new Refusal(status, "", reason);
    }

    Refusal withFixture(String fixture) {
        return new Refusal(status, fixture, reason);
    }
}
