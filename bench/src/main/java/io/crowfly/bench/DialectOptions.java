package io.crowfly.bench;

import io.crowfly.bench.endpoint.dialect.AccessPolicy;
import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Command-line options of {@code crowfly simulate} that describe a provider. Creates the {@link EndpointDialect}s of
 * the simulated endpoints from them.
 */
final class DialectOptions {

    private static final String DEMO_KEY = "demo-azure-key";
    private static final String DEMO_TOKEN = "demo-google-token";

    static final List<OptionSpec> OPTIONS = List.of(
            text(
                    "--azure-key",
                    "KEY",
                    "The api-key that azure requires (" + DEMO_KEY + ", unless --azure-token is given)."),
            text(
                    "--azure-token",
                    "TOKEN",
                    "The bearer token that azure requires; with --azure-key, either is accepted."),
            text("--google-token", "TOKEN", "The bearer token that google and gemini require (" + DEMO_TOKEN + ")."),
            text("--project", "ID", "The only project that google accepts; any by default."),
            text("--location", "NAME", "The only location that google accepts; any by default."),
            text("--endpoint", "ID", "The endpoint in google's paths (openapi)."),
            text("--openai-key", "KEY", "The api-key that openai requires; none by default."),
            text("--openai-token", "TOKEN", "The bearer token that openai requires; none by default."),
            text("--base-path", "PATH", "The path in place of /v1 on openai."),
            OptionSpec.builder("--models", "--deployments")
                    .paramLabel("NAME")
                    .type(List.class)
                    .auxiliaryTypes(String.class)
                    .splitRegex(",")
                    .description("The only models (on azure: deployments) that are accepted; any by default.")
                    .build(),
            text("--path-prefix", "PATH", "A prefix of every path, as with an API gateway in front."),
            OptionSpec.builder("--require-header")
                    .paramLabel("NAME:VALUE")
                    .type(List.class)
                    .auxiliaryTypes(String.class)
                    .description("A header that every request must have; repeatable.")
                    .build());

    private final CommandLine line;
    private final ParseResult options;

    DialectOptions(CommandLine line, ParseResult options) {
        this.line = line;
        this.options = options;
    }

    private static OptionSpec text(String name, String label, String description) {
        return OptionSpec.builder(name)
                .paramLabel(label)
                .type(String.class)
                .description(description)
                .build();
    }

    EndpointDialect azure() {
        AccessPolicy policy = withCredentials("--azure-key", "--azure-token");
        boolean noCredential = policy.apiKey().isEmpty() && policy.bearer().isEmpty();
        return EndpointDialect.azure(noCredential ? policy.withApiKey(DEMO_KEY) : policy);
    }

    EndpointDialect google() {
        return EndpointDialect.vertex(
                googlePolicy(),
                textValue("--project").orElse(""),
                textValue("--location").orElse(""),
                textValue("--endpoint").orElse("openapi"));
    }

    EndpointDialect gemini() {
        return EndpointDialect.gemini(googlePolicy());
    }

    private AccessPolicy googlePolicy() {
        return commonPolicy().withBearer(textValue("--google-token").orElse(DEMO_TOKEN));
    }

    EndpointDialect openai() {
        return EndpointDialect.openai(
                withCredentials("--openai-key", "--openai-token"),
                textValue("--base-path").orElse("/v1"));
    }

    private AccessPolicy withCredentials(String key, String token) {
        AccessPolicy policy = commonPolicy();
        policy = textValue(key).map(policy::withApiKey).orElse(policy);
        return textValue(token).map(policy::withBearer).orElse(policy);
    }

    private AccessPolicy commonPolicy() {
        List<String> models = options.matchedOptionValue("--models", List.of());
        AccessPolicy policy = AccessPolicy.open()
                .withModels(models.toArray(String[]::new))
                .withPrefix(textValue("--path-prefix").orElse(""));
        List<String> headers = options.matchedOptionValue("--require-header", List.of());
        for (String header : headers) {
            int colon = header.indexOf(':');
            if (colon < 0) {
                throw new ParameterException(line, "--require-header: " + header + " is not NAME:VALUE");
            }
            policy = policy.withHeader(
                    header.substring(0, colon).strip().toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip());
        }
        return policy;
    }

    private Optional<String> textValue(String name) {
        return Optional.ofNullable(options.matchedOptionValue(name, (String) null));
    }
}
