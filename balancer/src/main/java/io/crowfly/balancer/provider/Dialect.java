package io.crowfly.balancer.provider;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Provider;
import io.crowfly.probes.Api;
import io.netty.handler.codec.http.HttpHeaders;

/** How to say a request to one backend. Immutable; called on every loop. */
public interface Dialect {

    /** What a completion's path is to a client, and so to {@link #target}. */
    String CHAT_COMPLETIONS = "/v1/chat/completions";

    static Dialect of(Backend backend) {
        Provider provider = backend.provider();
        if (provider instanceof Provider.Azure) {
            return new AzureDialect(backend);
        } else if (provider instanceof Provider.Google google) {
            return new GoogleDialect(backend, google);
        }
        return new OpenAiDialect(backend);
    }

    /** Whether the backend has the API at all. */
    boolean serves(Api api);

    /** Whether the backend has anything at a client's target (path and query). */
    boolean serves(String target);

    /**
     * The backend's target for a client's one.
     *
     * @param target one that {@link #serves} is true of
     */
    String target(String target);

    /** Whether a client's trailers may be passed on. */
    boolean takesTrailers();

    /** The backend's own authority, for {@code host}. */
    String authority();

    /** Whether a backend that refuses the credential refuses ours: otherwise the client's own, which is its own business. */
    boolean showsOurCredential();

    /** Adds the credential and takes out what the backend must not see. Changes the headers in place. */
    void prepare(HttpHeaders headers);
}
