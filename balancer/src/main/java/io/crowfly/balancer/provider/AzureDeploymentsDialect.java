package io.crowfly.balancer.provider;

import io.crowfly.balancer.provider.RequestHeaders.Cloud;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Provider;
import io.crowfly.conf.value.SecretSource;
import io.crowfly.probes.forecast.Api;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/**
 * Azure's older API, of dated versions: what runs on a deployment names it in the path, and a {@code model} in the body is
 * not looked at; everything else stands directly under {@code /openai}.
 */
final class AzureDeploymentsDialect extends BackendDialect {

    /** As OpenAI's own libraries for Python and Java have it; the one for Node adds {@code /batches}, which Azure's docs don't. */
    private static final Set<String> DEPLOYMENT_OPERATIONS = Set.of(
            "/completions",
            "/chat/completions",
            "/embeddings",
            "/audio/transcriptions",
            "/audio/translations",
            "/audio/speech",
            "/images/generations",
            "/images/edits");

    private final String prefix;
    private final String apiVersion;

    AzureDeploymentsDialect(Backend backend, Provider.Azure azure, Function<SecretSource, String> secrets) {
        super(backend, Cloud.AZURE, secrets);
        prefix = RequestTargets.prefixWithout(backend, "/openai") + "/openai";
        apiVersion = parameter("api-version", azure.apiVersion().orElse(""));
    }

    @Override
    public boolean serves(Api api) {
        return true;
    }

    @Override
    public boolean serves(ClientTarget target) {
        // A client's path must not name a deployment of its own choice.
        return target.isOpenAiApi()
                && !target.operation().toLowerCase(Locale.ROOT).startsWith("/deployments");
    }

    @Override
    public boolean namesModelInTarget(ClientTarget target) {
        return target.isOpenAiApi() && (target.isRealtime() || DEPLOYMENT_OPERATIONS.contains(target.operation()));
    }

    /** Where a name is needed and there is none, the path has none either, and it is the backend that says so. */
    @Override
    public String target(ClientTarget target, String model) {
        String deploymentPath = "";
        String deploymentParameter = "";
        if (target.isRealtime()) {
            deploymentParameter = parameter("deployment", model);
        } else if (namesModelInTarget(target)) {
            deploymentPath = deployment(model);
        }
        return Query.join(
                prefix + deploymentPath + target.operation(), target.query(), deploymentParameter, apiVersion);
    }

    private static String deployment(String model) {
        String segment = '/' + PercentEncoding.encode(model);
        // A client may name its model `..`, where models keep their names.
        return model.isEmpty() || RequestTargets.isAmbiguous(segment) ? "" : "/deployments" + segment;
    }
}
