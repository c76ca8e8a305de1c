package io.crowfly.balancer.provider;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Provider;
import io.crowfly.conf.value.SecretSource;
import io.crowfly.probes.forecast.Api;
import java.util.function.Function;

/**
 * Dialect of Azure's v1 API, also on Foundry hosts and behind API Management: puts OpenAI's paths under {@code
 * /openai}.
 */
final class AzureV1Dialect extends BackendDialect {

    private final String prefix;
    private final String apiVersion;

    AzureV1Dialect(Backend backend, Provider.Azure azure, Function<SecretSource, String> secrets) {
        super(backend, Cloud.AZURE, ApiNames.AZURE_PARAMETERS, secrets);
        prefix = RequestTargets.prefixWithout(backend, "/openai/v1", "/openai") + "/openai";
        apiVersion = parameter("api-version", azure.apiVersion().orElse(""));
    }

    @Override
    public boolean serves(Api api) {
        return true;
    }

    @Override
    public boolean serves(ClientTarget target) {
        return target.isOpenAiApi();
    }

    @Override
    public boolean namesModelInTarget(ClientTarget target) {
        return target.isRealtime();
    }

    @Override
    public String target(ClientTarget target, String model) {
        String modelParameter = target.isRealtime() ? parameter("model", model) : "";
        return Query.join(prefix + target.path(), query(target), modelParameter, apiVersion);
    }
}
