package io.crowfly.balancer.provider;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Provider;
import io.netty.handler.codec.http.HttpHeaders;

/** Vertex AI's OpenAI-compatible surface, which has chat completions and nothing else. */
final class GoogleDialect implements Dialect {

    private final String chatCompletions;
    private final String authority;
    private final Credential credential;

    GoogleDialect(Backend backend, Provider.Google google) {
        chatCompletions = Targets.prefix(backend) + "/v1/projects/" + google.project() + "/locations/"
                + google.location() + "/endpoints/openapi/chat/completions";
        authority = Targets.authority(backend);
        credential = backend.credential();
    }

    @Override
    public boolean serves(String target) {
        return Targets.path(target).equals(CHAT_COMPLETIONS);
    }

    @Override
    public String target(String target) {
        return chatCompletions + target.substring(CHAT_COMPLETIONS.length());
    }

    @Override
    public boolean takesTrailers() {
        return false;
    }

    @Override
    public String authority() {
        return authority;
    }

    @Override
    public void prepare(HttpHeaders headers) {
        Withheld.removeFrom(headers);
        Credentials.replace(headers, credential);
    }
}
