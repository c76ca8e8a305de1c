package io.crowfly.bench.endpoint.dialect;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Dialect of a simulated Azure OpenAI endpoint with both of its APIs. The v1 API has the deployment's name in the body.
 * The classic API has it in the path, and a dated {@code api-version} in the query. Azure refuses requests with more
 * than ten custom headers and sends tokens in bursts.
 */
record AzureEndpointDialect(AccessPolicy accessPolicy) implements EndpointDialect {

    private static final String V1 = "/openai/v1/";
    private static final String CLASSIC = "/openai/";
    private static final Pattern DEPLOYMENT = Pattern.compile("deployments/([^/]+)/(.+)");
    private static final Pattern DATED = Pattern.compile("\\d{4}-\\d\\d-\\d\\d(-preview)?");

    /** Operations that have a deployment in their path. All other operations have none. */
    private static final Set<String> DEPLOYMENT_OPERATIONS = Set.of(
            "chat/completions",
            "completions",
            "embeddings",
            "audio/transcriptions",
            "audio/translations",
            "audio/speech",
            "images/generations",
            "images/edits");

    private static final int MAX_CUSTOM_HEADERS = 10;

    /**
     * Number of tokens that are sent together, because Azure's default content filter delays tokens and releases them
     * in blocks. Azure's blocks are larger; here a short response should have several.
     */
    private static final int TOKENS_PER_BURST = 4;

    @Override
    public String name() {
        return "azure";
    }

    @Override
    public Resolution resolve(QueryStringDecoder uri, HttpHeaders headers) {
        Optional<String> path = accessPolicy.pathBelowPrefix(uri.rawPath());
        if (path.isEmpty() || !path.get().startsWith(CLASSIC)) {
            return EndpointRefusal.withStatus(404, "no such path: " + uri.rawPath());
        }
        int custom = RequestHeaderKinds.countCustom(headers);
        if (custom > MAX_CUSTOM_HEADERS) {
            return EndpointRefusal.withStatus(431, custom + " custom headers");
        }
        boolean v1 = path.get().startsWith(V1);
        Optional<EndpointRefusal> refusal = (v1 ? acceptingKeyAsBearer() : accessPolicy).check(headers);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        Optional<String> version =
                uri.parameters().getOrDefault("api-version", List.of()).stream().findFirst();
        return v1
                ? resolveV1(path.get().substring(V1.length()), version)
                : resolveClassic(path.get().substring(CLASSIC.length()), version);
    }

    /**
     * Returns the access policy of the v1 API, which accepts the key in {@code api-key} or in {@code authorization}.
     */
    private AccessPolicy acceptingKeyAsBearer() {
        return accessPolicy.bearer().isEmpty() && accessPolicy.apiKey().isPresent()
                ? accessPolicy.withBearer(accessPolicy.apiKey().get())
                : accessPolicy;
    }

    private static Resolution resolveV1(String operation, Optional<String> version) {
        return version.isEmpty() || Set.of("v1", "preview").contains(version.get())
                ? RequestedOperation.withoutModel(operation)
                : EndpointRefusal.withStatus(400, "no such api-version of v1: " + version.get());
    }

    private Resolution resolveClassic(String operation, Optional<String> version) {
        if (!version.map(text -> DATED.matcher(text).matches()).orElse(false)) {
            return EndpointRefusal.withStatus(404, "api-version is missing or has no date");
        }
        Matcher deployed = DEPLOYMENT.matcher(operation);
        if (!deployed.matches()) {
            return DEPLOYMENT_OPERATIONS.contains(operation)
                    ? EndpointRefusal.withStatus(404, "no deployment in the path of " + operation)
                    : RequestedOperation.withoutModel(operation);
        }
        String deployment = QueryStringDecoder.decodeComponent(deployed.group(1));
        if (!DEPLOYMENT_OPERATIONS.contains(deployed.group(2))) {
            return EndpointRefusal.withStatus(404, "no such operation of a deployment: " + deployed.group(2));
        }
        return accessPolicy.serves(deployment)
                ? new RequestedOperation(deployed.group(2), Optional.of(deployment))
                : EndpointRefusal.withStatus(404, "no such deployment: " + deployment);
    }

    @Override
    public int tokensPerBurst() {
        return TOKENS_PER_BURST;
    }

    @Override
    public String toString() {
        return name();
    }
}
