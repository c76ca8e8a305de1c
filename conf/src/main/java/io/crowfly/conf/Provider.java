package io.crowfly.conf;

import java.util.Optional;

/**
 * Provider of a backend, which decides the API dialect: paths, credentials, model names and errors differ between
 * providers.
 */
public sealed interface Provider {

    /** Returns the provider's name in the conf file, in metrics and in logs. */
    String label();

    /**
     * OpenAI's API and compatible servers. Paths and bodies pass unchanged, except for model names.
     *
     * @param basePath replaces a client's {@code /v1}, after the path of the URL. Absent: {@code /v1} stays, and
     *     requests to paths outside the API are forwarded as well
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

    /**
     * Azure OpenAI's API.
     *
     * @param apiVersion value of the query parameter {@code api-version}; absent: the parameter is not sent
     */
    record Azure(Api api, Optional<String> apiVersion) implements Provider {

        /** Version of Azure's API that the backend serves. */
        public enum Api {
            /** Paths {@code /openai/v1/…}, with the deployment's name in the body field {@code model}. */
            V1,
            /**
             * Paths {@code /openai/deployments/{deployment}/…}. The query parameter {@code api-version} is required.
             */
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
     * Google Vertex AI.
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

    /** Google's Gemini API. Its paths contain no region and no project. */
    record Gemini() implements Provider {

        @Override
        public String label() {
            return "google";
        }
    }
}
