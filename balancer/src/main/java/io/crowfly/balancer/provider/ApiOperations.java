package io.crowfly.balancer.provider;

import io.netty.util.AsciiString;
import java.util.List;

/**
 * Operations of OpenAI's API, by which a path is recognised whose version a client has left out, because its base URL
 * has no {@code /v1}. Source: {@code openapi.yaml} of openai/openai-openapi.
 */
final class ApiOperations {

    /**
     * First segments after the version. Compared without regard to case, because some servers ignore case: rules must
     * then see the path under {@code /v1}, and refuse it.
     */
    private static final List<String> FIRST_SEGMENTS = List.of(
            "assistants",
            "audio",
            "batches",
            "chat",
            "completions",
            "containers",
            "conversations",
            "embeddings",
            "evals",
            "files",
            "fine_tuning",
            "images",
            "models",
            "moderations",
            "realtime",
            "responses",
            "skills",
            "threads",
            "uploads",
            "vector_stores",
            "videos");

    private ApiOperations() {}

    /**
     * Returns whether the path is that of an operation, without the version.
     *
     * @param path starts with a slash
     */
    static boolean isUnversioned(String path) {
        int slash = path.indexOf('/', 1);
        int length = (slash < 0 ? path.length() : slash) - 1;
        for (int i = 0; i < FIRST_SEGMENTS.size(); i++) {
            String segment = FIRST_SEGMENTS.get(i);
            if (segment.length() == length && AsciiString.regionMatchesAscii(path, true, 1, segment, 0, length)) {
                return true;
            }
        }
        return false;
    }
}
