package io.crowfly.balancer.provider;

import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Provider;
import io.crowfly.conf.value.SecretSource;
import io.crowfly.probes.forecast.Api;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.function.Function;

/** How to say a request to one backend. Immutable; called on every loop. */
public interface Dialect {

    /** What a completion's path is to a client. */
    String CHAT_COMPLETIONS = "/v1/chat/completions";

    /**
     * @param secrets what a secret is now, empty while there is none; asked for each request, on every loop, so it must be a
     *     mere read
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

    /** Whether the backend has the API at all. */
    boolean serves(Api api);

    /** Whether the backend has anything at what a client asks for. */
    boolean serves(ClientTarget target);

    /**
     * Whether the backend learns of the model by the target, its path or its query, that {@link #target} makes: a name in the
     * body does not matter then, and may stay as it is.
     */
    boolean namesModelInTarget(ClientTarget target);

    /**
     * The backend's target (path and query) for what a client asks for.
     *
     * @param target one that {@link #serves} is true of
     * @param model the backend's own name of the model, plain; empty if the request names none
     */
    String target(ClientTarget target, String model);

    /** Whether its errors may be in another shape than OpenAI's, and are to be told in that. */
    boolean translatesErrors();

    /** Whether a client's trailers may be passed on. */
    boolean acceptsTrailers();

    /** The backend's own authority, for {@code host}. */
    String authority();

    /** Adds the credential and what the conf adds, takes out what the backend must not see. Changes the headers in place. */
    void prepareHeaders(HttpHeaders headers, AttachedCredential attached);
}
