package io.crowfly.conf.read.backend;

import io.crowfly.conf.Provider;
import io.crowfly.conf.read.field.Field;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Check that a backend's {@code url} fits its provider, because the provider decides which path Crowfly appends to the
 * url. Reports problems of host and path.
 */
final class ProviderUrlCheck {

    /**
     * Hosts of Vertex AI that contain the location, in three forms: host of a region, of a multi-region, of one
     * deployed endpoint.
     */
    private static final Pattern REGIONAL = Pattern.compile("([a-z0-9-]+)-aiplatform\\.googleapis\\.com");

    private static final Pattern MULTI_REGIONAL = Pattern.compile("aiplatform\\.([a-z0-9-]+)\\.rep\\.googleapis\\.com");
    private static final Pattern DEDICATED =
            Pattern.compile("[^.]+\\.([a-z0-9-]+)-[^.-]+\\.prediction\\.vertexai\\.goog");

    private static final String GLOBAL = "aiplatform.googleapis.com";
    private static final String GEMINI = "generativelanguage.googleapis.com";

    private ProviderUrlCheck() {}

    static void check(Provider provider, URI url, Field field) {
        if (provider instanceof Provider.Azure azure) {
            azure(azure, url, field);
        } else if (provider instanceof Provider.OpenAi openAi) {
            openAi(openAi, url, field);
        } else if (provider instanceof Provider.Google google) {
            vertex(google, url, field);
        } else {
            gemini(url, field);
        }
    }

    /**
     * Checks an Azure URL. Base URLs that end in {@code /openai} or {@code /openai/v1} are accepted, because Azure's
     * documentation gives such URLs.
     */
    private static void azure(Provider.Azure azure, URI url, Field field) {
        String path = url.getRawPath();
        if (path.matches(".*/openai/deployments(/.*)?")) {
            field.problem(
                    "`url` has the path that Crowfly adds for Azure", "remove /deployments and everything after it");
        } else if (azure.api() == Provider.Azure.Api.DEPLOYMENTS && path.endsWith("/openai/v1")) {
            field.problem("`url` ends in /openai/v1, but `api` is deployments", "remove /v1, or write `api: v1`");
        }
    }

    private static void openAi(Provider.OpenAi openAi, URI url, Field field) {
        if (openAi.basePath().isEmpty() && url.getRawPath().endsWith("/v1")) {
            field.problem("`url` ends in /v1, but the path of every request already begins with /v1", "remove /v1");
        }
    }

    private static void vertex(Provider.Google google, URI url, Field field) {
        String host = url.getHost();
        if (host.equals(GEMINI)) {
            field.problem("`url` is the host of the Gemini API", "write `api: gemini`, or a host of Vertex AI");
        } else if (url.getRawPath().matches(".*/v1(beta1)?(/.*)?")) {
            field.problem("`url` has the path that Crowfly adds for Vertex AI", "remove /v1 and everything after it");
        }
        Optional<String> location = locationOf(host);
        if (location.isPresent() && !location.get().equals(google.location())) {
            field.problem(
                    "`url` is the host of location " + location.get() + ", but `location` is another",
                    "make both the same");
        } else if (DEDICATED.matcher(host).matches() && google.endpoint().equals(Provider.Google.MODELS_AS_A_SERVICE)) {
            field.problem("`url` is the host of one deployed endpoint", "add its id: `endpoint: \"1234567890\"`");
        }
    }

    private static Optional<String> locationOf(String host) {
        if (host.equals(GLOBAL)) {
            return Optional.of("global");
        }
        for (Pattern form : new Pattern[] {REGIONAL, MULTI_REGIONAL, DEDICATED}) {
            Matcher matcher = form.matcher(host);
            if (matcher.matches()) {
                return Optional.of(matcher.group(1));
            }
        }
        return Optional.empty();
    }

    private static void gemini(URI url, Field field) {
        String host = url.getHost();
        if (locationOf(host).isPresent()) {
            field.problem("`url` is a host of Vertex AI", "write `api: vertex`, or https://" + GEMINI);
        } else if (url.getRawPath().matches(".*/v1(beta)?(/.*)?")) {
            field.problem(
                    "`url` has the path that Crowfly adds for the Gemini API",
                    "remove /v1beta and everything after it");
        }
    }
}
