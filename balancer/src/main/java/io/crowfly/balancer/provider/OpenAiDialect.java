package io.crowfly.balancer.provider;

import io.crowfly.balancer.provider.ClientTarget.Form;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Provider;
import io.crowfly.conf.value.SecretSource;
import io.crowfly.probes.forecast.Api;
import java.util.Optional;
import java.util.function.Function;

/**
 * Dialect of a plain OpenAI-compatible endpoint: appends the client's path unchanged to the path of the backend's URL.
 */
final class OpenAiDialect extends BackendDialect {

    private final String prefix;
    private final Optional<String> basePath;

    OpenAiDialect(Backend backend, Provider.OpenAi openAi, Function<SecretSource, String> secrets) {
        super(backend, Cloud.NONE, ApiNames.OPENAI_PARAMETERS, secrets);
        prefix = RequestTargets.prefix(backend);
        basePath = openAi.basePath();
    }

    @Override
    public boolean serves(Api api) {
        return true;
    }

    @Override
    public boolean serves(ClientTarget target) {
        return switch (target.form()) {
            case OPENAI, AZURE -> true;
            case OTHER -> basePath.isEmpty();
            // Without a prefix in the URL, clients may reach the whole backend anyway, so an ambiguous path is no risk.
            case AMBIGUOUS -> basePath.isEmpty() && prefix.isEmpty();
            case MALFORMED -> false;
        };
    }

    @Override
    public boolean namesModelInTarget(ClientTarget target) {
        return target.isRealtime();
    }

    /** Nearly always the prefix is empty, and a request needs no new string. */
    private String prefixed(String path) {
        return prefix.isEmpty() ? path : prefix + path;
    }

    @Override
    public String target(ClientTarget target, String model) {
        if (target.form() == Form.OTHER || target.form() == Form.AMBIGUOUS) {
            return Query.join(prefixed(target.path()), query(target));
        }
        String path = basePath.isPresent() ? prefix + basePath.get() + target.operation() : prefixed(target.path());
        return Query.join(path, query(target), target.isRealtime() ? parameter("model", model) : "");
    }
}
