package io.crowfly.balancer.differential;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.undertow.util.CanonicalPathUtils;
import io.undertow.util.URLUtils;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Readers of paths from libraries for the JVM. */
final class PathReaders {

    private static final Pattern PATH_PARAMETERS = Pattern.compile(";[^/]*");

    private PathReaders() {}

    static Map<String, PathReader> all() {
        return Map.of(
                "java.net.URI",
                PathReaders::javaUri,
                "undertow",
                target -> undertow(target, true),
                "undertow, slashes not decoded",
                target -> undertow(target, false),
                "netty",
                PathReaders::netty);
    }

    private static Optional<String> javaUri(String target) {
        try {
            return Optional.ofNullable(new URI(target).normalize().getPath());
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /** As Undertow's connectors: path parameters are cut off, then the path is decoded and made canonical. */
    private static Optional<String> undertow(String target, boolean decodesSlashes) {
        String path = PATH_PARAMETERS.matcher(target.split("\\?", 2)[0]).replaceAll("");
        try {
            String decoded = URLUtils.decode(path, "UTF-8", decodesSlashes, false, new StringBuilder());
            return Optional.of(CanonicalPathUtils.canonicalize(decoded));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> netty(String target) {
        try {
            return Optional.of(new QueryStringDecoder(target).path());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
