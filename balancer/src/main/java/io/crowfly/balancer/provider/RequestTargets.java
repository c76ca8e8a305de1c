package io.crowfly.balancer.provider;

import io.crowfly.conf.Backend;
import java.util.Locale;

/** What the dialects ask of paths, and of a backend's url. */
final class RequestTargets {

    private RequestTargets() {}

    /** What a backend's url puts before every path: empty, or {@code /prefix}. */
    static String prefix(Backend backend) {
        String path = backend.url().getRawPath();
        if (path == null || path.isEmpty()) {
            return "";
        }
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /** A url's path is often copied with a part of what we add to it. @param suffixes the longest first */
    static String prefixWithout(Backend backend, String... suffixes) {
        String prefix = prefix(backend);
        for (String suffix : suffixes) {
            if (prefix.endsWith(suffix)) {
                return prefix.substring(0, prefix.length() - suffix.length());
            }
        }
        return prefix;
    }

    /** {@code host}, with the port where it is not the scheme's own. */
    static String authority(Backend backend) {
        int port = backend.port();
        String host = backend.url().getHost();
        return port == (backend.tls() ? 443 : 80) ? host : host + ':' + port;
    }

    /**
     * Whether a server might read another path than we do: a dot segment, written plainly or not, could leave the part of
     * the API that the dialect maps, with our credential attached. Some take a semicolon for the end of a segment's name, some
     * two slashes for one. An escaped slash is right where it is part of a model's name.
     */
    static boolean isAmbiguous(String path) {
        if (!path.contains("/.")
                && !path.contains("//")
                && path.indexOf('%') < 0
                && path.indexOf('\\') < 0
                && path.indexOf(';') < 0) {
            return false;
        }
        String plain = path.toLowerCase(Locale.ROOT).replace("%2e", ".").replace("%2f", "/");
        plain = plain.replace("%5c", "/").replace('\\', '/').replace("%3b", "/").replace(';', '/');
        return plain.contains("//")
                || path.regionMatches(true, 0, "/v1%", 0, 4)
                || plain.contains("/../")
                || plain.contains("/./")
                || plain.endsWith("/..")
                || plain.endsWith("/.");
    }
}
