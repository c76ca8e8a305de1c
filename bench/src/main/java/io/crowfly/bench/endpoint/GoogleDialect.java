package io.crowfly.bench.endpoint;

import io.netty.handler.codec.http.HttpRequest;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Google's OpenAI-compatible surface: chat completions alone, under a project and a location. */
record GoogleDialect(String bearer) implements Dialect {

    private static final Pattern ROOT = Pattern.compile("/v1/projects/[^/]+/locations/[^/]+/endpoints/openapi/(.+)");

    @Override
    public String name() {
        return "google";
    }

    @Override
    public Optional<String> operation(String path) {
        Matcher matcher = ROOT.matcher(path);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    @Override
    public Set<Api> serves() {
        return EnumSet.of(Api.CHAT, Api.SINK, Api.BLOB);
    }

    @Override
    public OptionalInt refusal(HttpRequest request) {
        return ("Bearer " + bearer).equals(request.headers().get("authorization"))
                ? OptionalInt.empty()
                : OptionalInt.of(401);
    }

    @Override
    public int tokensPerBurst() {
        return 1;
    }

    @Override
    public String toString() {
        return name();
    }
}
