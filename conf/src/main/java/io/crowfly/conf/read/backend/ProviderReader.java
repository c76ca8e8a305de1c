package io.crowfly.conf.read.backend;

import io.crowfly.conf.Provider;
import io.crowfly.conf.key.BackendKeys;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.SectionFields;
import io.crowfly.conf.read.field.Spelling;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reader of {@code backends[].provider} and the keys that depend on the provider. Reports keys of another provider. */
public final class ProviderReader {

    /**
     * Allowed form of values that become segments of a path. A project may belong to a domain: {@code
     * example.com:name}.
     */
    private static final Pattern SEGMENT = Pattern.compile("[a-z0-9]([a-z0-9.:-]*[a-z0-9])?");

    /**
     * Allowed form of {@code api-version} at Azure, the value of a query parameter: {@code 2024-10-21}, {@code
     * preview}.
     */
    private static final Pattern AZURE_VERSION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]*");

    private ProviderReader() {}

    static Optional<Provider> read(SectionFields backend, Optional<String> region) {
        Optional<String> label = backend.require("provider", "add `provider: azure`, google or openai")
                .flatMap(ProviderReader::label);
        if (label.isEmpty()) {
            return Optional.empty();
        }
        return switch (label.get()) {
            case "azure" -> azure(backend);
            case "google" -> google(backend, region);
            default -> openAi(backend);
        };
    }

    /** Returns advice for a missing {@code url}: a url of the same provider and API. */
    static String mendMissingUrl(SectionFields backend) {
        return "add `url: " + exampleUrl(backend) + "`, for example";
    }

    private static String exampleUrl(SectionFields backend) {
        Optional<Field> provider = backend.find("provider");
        if (provider.filter(field -> field.rawTextEquals("google")).isPresent()) {
            return backend.find("api")
                            .filter(field -> field.rawTextEquals("gemini"))
                            .isPresent()
                    ? "https://generativelanguage.googleapis.com"
                    : "https://europe-west4-aiplatform.googleapis.com";
        }
        return provider.filter(field -> field.rawTextEquals("openai")).isPresent()
                ? "http://10.0.0.11:8000"
                : "https://contoso.openai.azure.com";
    }

    /** Reads the name of a provider. Reports an unknown name. */
    public static Optional<String> label(Field field) {
        return oneOf(field, BackendKeys.PROVIDERS);
    }

    private static Optional<String> oneOf(Field field, List<String> words) {
        Optional<String> text = field.text();
        if (text.isPresent() && !words.contains(text.get())) {
            field.problem(
                    "unknown " + field.name() + " " + field.quoted(), Spelling.mend(text.get(), words, "remove it"));
            return Optional.empty();
        }
        return text;
    }

    private static Optional<Provider> openAi(SectionFields backend) {
        refuseGoogleKeys(backend);
        refuse(backend, "api", "is only for `provider: azure` and google", "remove it");
        refuse(backend, "api-version", "is only for `provider: azure` and google", "remove it");
        return Optional.of(new Provider.OpenAi(backend.find("base-path").flatMap(BasePathReader::read)));
    }

    private static Optional<Provider> azure(SectionFields backend) {
        refuseGoogleKeys(backend);
        refuseOpenAiKeys(backend);
        Optional<Field> api = backend.find("api");
        Optional<String> name =
                api.isPresent() ? api.flatMap(f -> oneOf(f, BackendKeys.AZURE_APIS)) : Optional.of("v1");
        boolean deployments = name.isPresent() && name.get().equals("deployments");
        Optional<String> version = (deployments
                        ? backend.require("api-version", "add it: `api-version: 2024-10-21`, for example")
                        : backend.find("api-version"))
                .flatMap(ProviderReader::azureVersion);
        return name.map(ignored ->
                new Provider.Azure(deployments ? Provider.Azure.Api.DEPLOYMENTS : Provider.Azure.Api.V1, version));
    }

    private static Optional<String> azureVersion(Field field) {
        Optional<String> text = field.text();
        if (text.isPresent() && !AZURE_VERSION.matcher(text.get()).matches()) {
            field.problem(field.quoted() + " is not a valid api-version", "write 2024-10-21, for example, or preview");
            return Optional.empty();
        }
        return text;
    }

    private static Optional<Provider> google(SectionFields backend, Optional<String> region) {
        refuseOpenAiKeys(backend);
        Optional<Field> api = backend.find("api");
        Optional<String> name =
                api.isPresent() ? api.flatMap(f -> oneOf(f, BackendKeys.GOOGLE_APIS)) : Optional.of("vertex");
        if (name.isEmpty()) {
            return Optional.empty();
        }
        return name.get().equals("gemini") ? gemini(backend) : vertex(backend, region);
    }

    private static Optional<Provider> gemini(SectionFields backend) {
        for (String key : List.of("api-version", "project", "location", "endpoint")) {
            refuse(backend, key, "is only for `api: vertex`", "remove it");
        }
        return Optional.of(new Provider.Gemini());
    }

    private static Optional<Provider> vertex(SectionFields backend, Optional<String> region) {
        Optional<String> project = backend.require("project", "add the Google Cloud project that is billed")
                .flatMap(ProviderReader::segment);
        Optional<String> location = location(backend, region);
        String endpoint =
                backend.find("endpoint").flatMap(ProviderReader::segment).orElse(Provider.Google.MODELS_AS_A_SERVICE);
        String version = backend.find("api-version")
                .flatMap(f -> oneOf(f, BackendKeys.VERTEX_VERSIONS))
                .orElse("v1");
        return project.flatMap(p -> location.map(l -> new Provider.Google(p, l, endpoint, version)));
    }

    private static Optional<String> location(SectionFields backend, Optional<String> region) {
        Optional<Field> regionField = backend.find("location").isPresent() ? Optional.empty() : backend.find("region");
        if (regionField.isPresent()) {
            // An invalid region was reported already.
            return region.flatMap(ignored -> segment(regionField.get()));
        }
        return backend.require("location", "add it, or `region`: europe-west4, for example")
                .flatMap(ProviderReader::segment);
    }

    private static Optional<String> segment(Field field) {
        Optional<String> text = field.text();
        if (text.isPresent() && !SEGMENT.matcher(text.get()).matches()) {
            field.problem(
                    field.quoted() + " is not a valid " + field.name(),
                    "write Google's identifier: lower case, digits and `-`");
            return Optional.empty();
        }
        return text;
    }

    private static void refuseGoogleKeys(SectionFields backend) {
        String reason = "is only for `provider: google`";
        refuse(backend, "project", reason, "remove it");
        refuse(backend, "location", reason, "remove it, or write `region`");
        refuse(backend, "endpoint", reason, "remove it");
    }

    private static void refuseOpenAiKeys(SectionFields backend) {
        refuse(backend, "base-path", "is only for `provider: openai`", "add the path to `url`");
    }

    private static void refuse(SectionFields backend, String key, String reason, String mend) {
        backend.find(key).ifPresent(field -> field.keyProblem("`" + key + "` " + reason, mend));
    }
}
