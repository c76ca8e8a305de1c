package io.crowfly.bench.endpoint.dialect;

/**
 * The refusal of a request, with its reason.
 *
 * @param fixture the name of the error's fixture, where a status has several; empty for the status's default
 * @param reason the reason for diagnosis; never contains a secret
 */
public record Refusal(int status, String fixture, String reason) implements Resolution {

    public static Refusal withStatus(int status, String reason) {
        return new Refusal(status, "", reason);
    }

    Refusal withFixture(String fixture) {
        return new Refusal(status, fixture, reason);
    }
}
