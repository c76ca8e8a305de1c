package io.crowfly.balancer.provider;

import io.crowfly.conf.Backend;
import io.crowfly.conf.Provider;
import io.crowfly.conf.value.SecretSource;
import io.crowfly.probes.forecast.Api;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/**
 * Dialect of Azure's older API with dated versions. If an operation uses a deployment, the path names the deployment,
 * and Azure ignores {@code model} in the body. All other operations are directly under {@code /openai}.
 */
final class AzureDeploymentsDialect extends BackendDialect {

    /**
     * Operations that use a deployment, as in OpenAI's libraries for Python and Java. OpenAI's library for Node adds
     * {@code /batches}, but Azure's documentation does not.
     */
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
        super(backend, Cloud.AZURE, ApiNames.AZURE_PARAMETERS, secrets);
        prefix = RequestTargets.prefixWithout(backend, "/openai") + "/openai";
        apiVersion = parameter("api-version", azure.apiVersion().orElse(""));
    }

    @Override
    public boolean serves(Api api) {
        return true;
    }

    @Override
    public boolean serves(ClientTarget target) {
        // A client must not choose the deployment by its path.
        return target.isOpenAiApi()
                && !target.operation().toLowerCase(Locale.ROOT).startsWith("/deployments");
    }

    @Override
    public boolean namesModelInTarget(ClientTarget target) {
        return target.isOpenAiApi() && (target.isRealtime() || DEPLOYMENT_OPERATIONS.contains(target.operation()));
    }

    /**
     * Returns the path and query for the backend. If the model is missing, the path has no deployment, and the client
     * gets the backend's own error.
     */
    @Override
    public String target(ClientTarget target, String model) {
        String deploymentPath = "";
        String deploymentParameter = "";
        if (target.isRealtime()) {
            deploymentParameter = parameter("deployment", model);
        } else if (namesModelInTarget(target)) {
            deploymentPath = deployment(model);
        }
        return Query.join(prefix + deploymentPath + target.operation(), query(target), deploymentParameter, apiVersion);
    }

    private static String deployment(String model) {
        String segment = '/' + PercentEncoding.encode(model);
        // A client may send `..` as its model, if models have the same name at client and backend.
        return model.isEmpty() || RequestTargets.isAmbiguous(segment) ? "" : "/deployments" + segment;
    }
}
