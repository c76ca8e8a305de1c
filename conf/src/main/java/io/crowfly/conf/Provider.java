package io.crowfly.conf;

import java.util.Optional;

/** Whose dialect a backend speaks. */
public sealed interface Provider {

    /** The name in the conf file, in metrics and in logs. */
    String label();

    /**
     * Paths and bodies pass as they are, but for the names of models.
     *
     * @param basePath what stands for a client's {@code /v1}, behind the url's path; absent where it is {@code /v1} too, and
     *     where other paths than the API's may pass
     */
    record OpenAi(Optional<String> basePath) implements Provider {

        public OpenAi() {
            this(Optional.empty());
        }

        @Override
        public String label() {
            return "openai";
        }
    }

    /** @param apiVersion sent as {@code api-version} */
    record Azure(Api api, Optional<String> apiVersion) implements Provider {

        public enum Api {
            /** {@code /openai/v1/…}, the deployment named in the body as OpenAI's API names a model. */
            V1,
            /** {@code /openai/deployments/{deployment}/…}, which needs an {@code api-version}. */
            DEPLOYMENTS
        }

        public Azure() {
            this(Api.V1, Optional.empty());
        }

        @Override
        public String label() {
            return "azure";
        }
    }

    /** Vertex AI. @param endpoint {@code openapi} for the models as a service, or a deployed one's id. @param version {@code v1} */
    record Google(String project, String location, String endpoint, String version) implements Provider {

        public static final String MODELS_AS_A_SERVICE = "openapi";

        public Google(String project, String location) {
            this(project, location, MODELS_AS_A_SERVICE, "v1");
        }

        @Override
        public String label() {
            return "google";
        }
    }

    /** The Gemini API, which has no regions and no projects in its paths. */
    record Gemini() implements Provider {

        @Override
        public String label() {
            return "google";
        }
    }
}
