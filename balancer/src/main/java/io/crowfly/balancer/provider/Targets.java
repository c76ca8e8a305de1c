package io.crowfly.balancer.provider;

import io.crowfly.conf.Backend;
import java.util.Locale;

/** The parts of a target (path and query) and of a backend's url that the dialects share. */
final class Targets {

    private Targets() {}

    /** What a backend's url puts before every path: empty, or {@code /prefix}. */
    static String prefix(Backend backend) {
        String path = backend.url().getRawPath();
        if (path == null || path.isEmpty()) {
            return "";
        }
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /** {@code host}, with the port where it is not the scheme's own. */
    static String authority(Backend backend) {
        int port = backend.port();
        String host = backend.url().getHost();
        return port == (backend.tls() ? 443 : 80) ? host : host + ':' + port;
    }

    /** The target without its query. */
    static String path(String target) {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /**
     * Whether a server might read another path than we do: a dot segment, written plainly or not, could leave the part of
     * the API that the dialect maps, with our credential attached. Some take a semicolon for the end of a segment's name.
     */
    static boolean isEvasive(String target) {
        String path = path(target);
        if (path.indexOf('.') < 0 && path.indexOf('%') < 0 && path.indexOf('\\') < 0) {
            return false;
        }
        String plain = path.toLowerCase(Locale.ROOT).replace("%2e", ".").replace("%2f", "/");
        plain = plain.replace("%5c", "/").replace('\\', '/').replace("%3b", "/").replace(';', '/');
        return plain.contains("/../") || plain.contains("/./") || plain.endsWith("/..") || plain.endsWith("/.");
    }
}
