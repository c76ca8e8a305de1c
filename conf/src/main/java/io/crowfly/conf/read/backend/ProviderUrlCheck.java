package io.crowfly.conf.read.backend;

import io.crowfly.conf.Provider;
import io.crowfly.conf.read.field.Field;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Holds a backend's {@code url} against what its provider makes of it. */
final class ProviderUrlCheck {

    /** Hosts of Vertex AI, with the location where they say it: regional, multi-region, and of one deployed endpoint. */
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

    /** Azure's pages give base URLs that end in {@code /openai} or {@code /openai/v1}: both are taken as they are. */
    private static void azure(Provider.Azure azure, URI url, Field field) {
        String path = url.getRawPath();
        if (path.matches(".*/openai/deployments(/.*)?")) {
            field.problem("`url` has the path that Crowfly adds for Azure", "leave /deployments and what follows away");
        } else if (azure.api() == Provider.Azure.Api.DEPLOYMENTS && path.endsWith("/openai/v1")) {
            field.problem("`url` ends as the v1 API's do, and `api` is another", "leave /v1 away, or write `api: v1`");
        }
    }

    private static void openAi(Provider.OpenAi openAi, URI url, Field field) {
        if (openAi.basePath().isEmpty() && url.getRawPath().endsWith("/v1")) {
            field.problem("`url` ends with /v1, which every request's path begins with already", "leave /v1 away");
        }
    }

    private static void vertex(Provider.Google google, URI url, Field field) {
        String host = url.getHost();
        if (host.equals(GEMINI)) {
            field.problem("`url` is the host of the Gemini API", "write `api: gemini`, or Vertex AI's host");
        } else if (url.getRawPath().matches(".*/v1(beta1)?(/.*)?")) {
            field.problem(
                    "`url` has the path that Crowfly makes of `project` and `location`",
                    "leave /v1 and what follows away");
        }
        Optional<String> location = locationOf(host);
        if (location.isPresent() && !location.get().equals(google.location())) {
            field.problem(
                    "`url` is the host of location " + location.get() + ", and `location` is another",
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
                    "`url` has the path that Crowfly adds for the Gemini API", "leave /v1beta and what follows away");
        }
    }
}
