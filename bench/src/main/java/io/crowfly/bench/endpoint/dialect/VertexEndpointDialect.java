package io.crowfly.bench.endpoint.dialect;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Dialect of a simulated Vertex AI endpoint (its OpenAI-compatible part): only chat completions, below a project, a
 * location and an endpoint.
 */
record VertexEndpointDialect(AccessPolicy accessPolicy, Scope scope) implements EndpointDialect {

    private static final Pattern PATH =
            Pattern.compile("/v1(?:beta1)?/projects/([^/]+)/locations/([^/]+)/endpoints/([^/]+)/(.+)");

    /** Project, location and endpoint in the paths of Vertex AI. An empty project or location matches any. */
    record Scope(String project, String location, String endpoint) {

        static final Scope ANY = new Scope("", "", "openapi");

        boolean matches(String project, String location) {
            return (this.project.isEmpty() || this.project.equals(project))
                    && (this.location.isEmpty() || this.location.equals(location));
        }
    }

    @Override
    public String name() {
        return "google";
    }

    @Override
    public Set<ApiOperation> apis() {
        return EnumSet.of(ApiOperation.CHAT, ApiOperation.SINK, ApiOperation.BLOB);
    }

    @Override
    public boolean storesObjects() {
        return false;
    }

    @Override
    public Resolution resolve(QueryStringDecoder uri, HttpHeaders headers) {
        Optional<Matcher> path =
                accessPolicy.pathBelowPrefix(uri.path()).map(PATH::matcher).filter(Matcher::matches);
        if (path.isEmpty() || !path.get().group(3).equals(scope.endpoint)) {
            return EndpointRefusal.withStatus(404, "no such path: " + uri.path());
        }
        Optional<EndpointRefusal> refusal = GoogleQueryCheck.check(uri).or(() -> accessPolicy.check(headers));
        if (refusal.isPresent()) {
            return refusal.get();
        }
        return scope.matches(path.get().group(1), path.get().group(2))
                ? RequestedOperation.withoutModel(path.get().group(4))
                : EndpointRefusal.withStatus(403, "another project or location: " + uri.path());
    }

    @Override
    public String toString() {
        return name();
    }
}
