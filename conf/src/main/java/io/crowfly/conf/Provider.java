package io.crowfly.conf;

import java.util.Optional;

/** API dialect of a backend: paths, credentials, model names and errors differ between providers. */
public sealed interface Provider {

    /** The name in the conf file, in metrics and in logs. */
    String label();

    /**
     * OpenAI's API. Paths and bodies pass unchanged, except for model names.
     *
     * @param basePath replaces a client's {@code /v1}, after the path of the url. Absent: {@code /v1} stays, and paths
     *     outside the API pass as well
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

    /** Azure's API. @param apiVersion sent as the query parameter {@code api-version} */
    record Azure(Api api, Optional<String> apiVersion) implements Provider {

        /** Which of Azure's two APIs the backend uses. */
        public enum Api {
            /** {@code /openai/v1/…}, with the deployment's name in the body field {@code model}. */
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

    /**
     * Vertex AI.
     *
     * @param endpoint {@code openapi} for models as a service, or the id of a deployed model
     * @param version first segment of the path: {@code v1} or {@code v1beta1}
     */
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

    /** The Gemini API. Its paths contain no region and no project. */
    record Gemini() implements Provider {

        @Override
        public String label() {
            return "google";
        }
    }
}
