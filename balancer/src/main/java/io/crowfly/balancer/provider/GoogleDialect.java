package io.crowfly.balancer.provider;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Provider;
import io.crowfly.probes.Api;

/** Vertex AI's OpenAI-compatible surface, which has chat completions and nothing else. */
final class GoogleDialect extends CloudDialect {

    private final String chatCompletions;

    GoogleDialect(Backend backend, Provider.Google google) {
        super(backend);
        chatCompletions = Targets.prefix(backend) + "/v1/projects/" + google.project() + "/locations/"
                + google.location() + "/endpoints/openapi/chat/completions";
    }

    @Override
    public boolean serves(Api api) {
        return api == Api.CHAT_COMPLETIONS;
    }

    @Override
    public boolean serves(String target) {
        return Targets.path(target).equals(CHAT_COMPLETIONS);
    }

    @Override
    public String target(String target) {
        return chatCompletions + target.substring(CHAT_COMPLETIONS.length());
    }
}
