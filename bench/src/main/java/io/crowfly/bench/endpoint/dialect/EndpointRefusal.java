package io.crowfly.bench.endpoint.dialect;

/**
 * The refusal of a request, with its reason.
 *
 * @param fixture the name of the error's fixture, where a status has several; empty for the status's default
 * @param reason the reason for diagnosis; never contains a secret
 */
public record EndpointRefusal(int status, String fixture, String reason) implements Resolution {

    public static EndpointRefusal withStatus(int status, String reason) {
        return new EndpointRefusal(status, "", reason);
    }

    EndpointRefusal withFixture(String fixture) {
        return new EndpointRefusal(status, fixture, reason);
    }
}
