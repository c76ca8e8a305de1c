package io.crowfly.probes.forecast;

import java.util.stream.Stream;

/**
 * Class of requests with similar latency, apart from the size of the prompt. Estimates are kept for each pair of
 * backend and class.
 *
 * @param model the client's name of the model; empty if the request names none
 * @param streamed whether the response is a stream of tokens. If it is, latency is the time to the first token,
 *     otherwise to the first byte
 */
public record RequestClass(Api api, String model, boolean streamed) {

    private static final RequestClass[] WITHOUT_MODEL =
            Stream.of(Api.values()).map(api -> new RequestClass(api, "", false)).toArray(RequestClass[]::new);

    /** Returns the class of the requests that name no model and ask for no stream, without a new object. */
    public static RequestClass withoutModel(Api api) {
        return WITHOUT_MODEL[api.ordinal()];
    }
}
