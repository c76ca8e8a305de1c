package io.crowfly.balancer.provider;

import io.crowfly.balancer.provider.Heads.Cloud;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Provider;
import io.crowfly.conf.SecretSource;
import io.crowfly.probes.Api;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/**
 * Azure's older API, of dated versions: what runs on a deployment names it in the path, and a {@code model} in the body is
 * not looked at; everything else stands directly under {@code /openai}.
 */
final class AzureDeploymentsDialect extends BackendDialect {

    /** As OpenAI's own libraries for Python and Java have it; the one for Node adds {@code /batches}, which Azure's docs don't. */
    private static final Set<String> ON_A_DEPLOYMENT = Set.of(
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
        prefix = Targets.prefixWithout(backend, "/openai") + "/openai";
        apiVersion = parameter("api-version", azure.apiVersion().orElse(""));
    }

    @Override
    public boolean serves(Api api) {
        return true;
    }

    @Override
    public boolean serves(ClientTarget target) {
        // A client's path must not name a deployment of its own choice.
        return target.isOfTheApi()
                && !target.operation().toLowerCase(Locale.ROOT).startsWith("/deployments");
    }

    @Override
    public boolean namesModelInPath(ClientTarget target) {
        return target.isOfTheApi() && (target.isRealtime() || ON_A_DEPLOYMENT.contains(target.operation()));
    }

    /** Where a name is needed and there is none, the path has none either, and it is the backend that says so. */
    @Override
    public String target(ClientTarget target, String model) {
        String inPath = "";
        String inQuery = "";
        if (target.isRealtime()) {
            inQuery = parameter("deployment", model);
        } else if (namesModelInPath(target)) {
            inPath = deployment(model);
        }
        return Query.join(prefix + inPath + target.operation(), target.query(), inQuery, apiVersion);
    }

    private static String deployment(String model) {
        String segment = '/' + PercentCoding.encode(model);
        // A client may name its model `..`, where models keep their names.
        return model.isEmpty() || Targets.isEvasive(segment) ? "" : "/deployments" + segment;
    }
}
