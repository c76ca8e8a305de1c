package io.crowfly.balancer.provider;

import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Provider;
import io.crowfly.conf.value.SecretSource;
import io.crowfly.probes.forecast.Api;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.function.Function;

/**
 * Conversion of requests from OpenAI's form to the form of one backend's API: target, headers, credential. Immutable;
 * used on all event loops.
 */
public interface Dialect {

    /** Path of chat completions in OpenAI's form. */
    String CHAT_COMPLETIONS = "/v1/chat/completions";

    /**
     * Returns the dialect of a backend.
     *
     * @param secrets returns the current value of a secret, or an empty string if there is none; called for each
     *     request on every event loop, so it must not block
     */
    static Dialect of(Backend backend, Function<SecretSource, String> secrets) {
        Provider provider = backend.provider();
        if (provider instanceof Provider.Azure azure) {
            return azure.api() == Provider.Azure.Api.DEPLOYMENTS
                    ? new AzureDeploymentsDialect(backend, azure, secrets)
                    : new AzureV1Dialect(backend, azure, secrets);
        } else if (provider instanceof Provider.Google google) {
            return new VertexDialect(backend, google, secrets);
        } else if (provider instanceof Provider.Gemini) {
            return new GeminiDialect(backend, secrets);
        }
        return new OpenAiDialect(backend, (Provider.OpenAi) provider, secrets);
    }

    /** Returns whether the backend supports this operation of the API. */
    boolean serves(Api api);

    /** Returns whether the backend has an operation at the target. */
    boolean serves(ClientTarget target);

    /**
     * Returns whether {@link #target} puts the model into the path or the query. If it does, the backend ignores a name
     * in the body, and the body need not change.
     */
    boolean namesModelInTarget(ClientTarget target);

    /**
     * Returns the path and query to send to the backend.
     *
     * @param target a target for which {@link #serves} is true
     * @param model the backend's name of the model, not encoded; empty if the request names no model
     */
    String target(ClientTarget target, String model);

    /** Returns whether the backend's errors may differ from OpenAI's format and must be translated to that format. */
    boolean translatesErrors();

    /** Returns whether a client's trailers may be sent to the backend. */
    boolean acceptsTrailers();

    /** Returns the backend's host and port, for the header {@code host}. */
    String authority();

    /**
     * Adds the credential and the headers of the conf to {@code headers}, and removes the headers that the backend must
     * not receive.
     */
    void prepareHeaders(HttpHeaders headers, AttachedCredential attached);

    /** Removes what the backend must not see. Changes the trailers in place. */
    void prepareTrailers(HttpHeaders trailers);
}
