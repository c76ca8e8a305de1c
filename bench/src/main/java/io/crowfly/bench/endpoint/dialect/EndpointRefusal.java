package io.crowfly.bench.endpoint.dialect;

/**
 * Refusal of a request by a simulated endpoint: the error response's status, form and reason.
 *
 * @param status status of the error response
 * @param fixture name of the error's fixture if a status has several; empty for the default fixture of the status
 * @param reason reason for diagnosis; never contains a secret
 */
public record EndpointRefusal(int status, String fixture, String reason) implements Resolution {

    public static EndpointRefusal withStatus(int status, String reason) {
        return new EndpointRefusal(status, "", reason);
    }

    EndpointRefusal withFixture(String fixture) {
        return new EndpointRefusal(status, fixture, reason);
    }
}
