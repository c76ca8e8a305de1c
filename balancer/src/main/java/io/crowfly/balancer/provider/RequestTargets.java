package io.crowfly.balancer.provider;

import io.crowfly.conf.Backend;
import java.util.Locale;

/** Functions for paths and for a backend's URL, which the dialects share. */
final class RequestTargets {

    private RequestTargets() {}

    /** Returns the path of a backend's URL, which comes before every path: empty, or {@code /prefix}. */
    static String prefix(Backend backend) {
        String path = backend.url().getRawPath();
        if (path == null || path.isEmpty()) {
            return "";
        }
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /**
     * Returns the path of a backend's URL without a suffix that the dialect itself adds, because operators often copy
     * the URL with that suffix.
     *
     * @param suffixes the longest first
     */
    static String prefixWithout(Backend backend, String... suffixes) {
        String prefix = prefix(backend);
        for (String suffix : suffixes) {
            if (prefix.endsWith(suffix)) {
                return prefix.substring(0, prefix.length() - suffix.length());
            }
        }
        return prefix;
    }

    /** Returns the host of a backend, with the port if it is not the default of the scheme. */
    static String authority(Backend backend) {
        int port = backend.port();
        String host = backend.url().getHost();
        return port == (backend.tls() ? 443 : 80) ? host : host + ':' + port;
    }

    /**
     * Returns whether a server might read another path than Crowfly does. A dot segment, plain or encoded, could reach
     * a path outside the API that the dialect maps, with Crowfly's credential attached. Some servers end a segment's
     * name at a semicolon, and some treat two slashes as one. An escaped slash alone is allowed, because it may be part
     * of a model's name.
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
