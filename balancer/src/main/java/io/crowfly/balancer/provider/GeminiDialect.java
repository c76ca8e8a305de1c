package io.crowfly.balancer.provider;

import io.crowfly.conf.Backend;
import io.crowfly.conf.value.SecretSource;
import io.crowfly.probes.forecast.Api;
import java.util.Set;
import java.util.function.Function;

/** Dialect of the OpenAI-compatible endpoints of Google's Gemini API. */
final class GeminiDialect extends BackendDialect {

    private static final String API_PATH = "/v1beta/openai";

    private static final Set<String> OPERATIONS = Set.of("/chat/completions", "/embeddings", "/images/generations");

    /** Collections; the paths below them, of their items, are served too. */
    private static final Set<String> COLLECTIONS = Set.of("/videos", "/batches", "/models");

    private final String prefix;

    GeminiDialect(Backend backend, Function<SecretSource, String> secrets) {
        super(backend, Cloud.GOOGLE, ApiNames.OPENAI_PARAMETERS, secrets);
        prefix = RequestTargets.prefix(backend) + API_PATH;
    }

    @Override
    public boolean serves(Api api) {
        return api == Api.CHAT_COMPLETIONS || api == Api.EMBEDDINGS || api == Api.OTHER;
    }

    @Override
    public boolean serves(ClientTarget target) {
        if (!target.isOpenAiApi()) {
            return false;
        }
        String operation = target.operation();
        int collectionEnd = operation.indexOf('/', 1);
        return OPERATIONS.contains(operation)
                || COLLECTIONS.contains(collectionEnd < 0 ? operation : operation.substring(0, collectionEnd));
    }

    @Override
    public boolean namesModelInTarget(ClientTarget target) {
        return false;
    }

    @Override
    public String target(ClientTarget target, String model) {
        return Query.join(prefix + target.operation(), query(target));
    }
}
