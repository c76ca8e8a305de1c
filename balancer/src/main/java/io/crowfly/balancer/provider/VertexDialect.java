package io.crowfly.balancer.provider;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Provider;
import io.crowfly.conf.value.SecretSource;
import io.crowfly.probes.forecast.Api;
import java.util.function.Function;

/**
 * Dialect of Vertex AI's OpenAI-compatible endpoint, which has only chat completions. The path is the same on regional,
 * global, multi-regional and dedicated hosts, for models as a service and for deployed models.
 */
final class VertexDialect extends BackendDialect {

    private final String chatCompletions;

    VertexDialect(Backend backend, Provider.Google google, Function<SecretSource, String> secrets) {
        super(backend, Cloud.GOOGLE, NameSet.EMPTY, secrets);
        chatCompletions = RequestTargets.prefix(backend) + '/' + google.version() + "/projects/" + google.project()
                + "/locations/" + google.location() + "/endpoints/" + google.endpoint() + "/chat/completions";
    }

    @Override
    public boolean serves(Api api) {
        return api == Api.CHAT_COMPLETIONS;
    }

    @Override
    public boolean serves(ClientTarget target) {
        return target.isOpenAiApi() && target.path().equals(CHAT_COMPLETIONS);
    }

    @Override
    public boolean namesModelInTarget(ClientTarget target) {
        return false;
    }

    /** Completions have no parameters. Google's front ends read credentials and methods from the query. */
    @Override
    public String target(ClientTarget target, String model) {
        return Query.join(chatCompletions, query(target));
    }
}
