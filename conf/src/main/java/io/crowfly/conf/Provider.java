package io.crowfly.conf;

/** Whose dialect a backend speaks. */
public sealed interface Provider {

    /** The name in the conf file, in metrics and in logs. */
    String label();

    /** Paths and bodies pass as they are. */
    record OpenAi() implements Provider {
        @Override
        public String label() {
            return "openai";
        }
    }

    record Azure() implements Provider {
        @Override
        public String label() {
            return "azure";
        }
    }

    record Google(String project, String location) implements Provider {
        @Override
        public String label() {
            return "google";
        }
    }
}
