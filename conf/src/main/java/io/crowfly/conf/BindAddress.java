package io.crowfly.conf;

import java.nio.file.Path;

/**
 * Address that a listener or the admin interface binds: {@code host:port} (port 0 takes any free port) or {@code
 * unix:/path}.
 */
public sealed interface BindAddress {

    /**
     * TCP address.
     *
     * @param host an IP address or a host name, IPv6 without brackets
     */
    record Tcp(String host, int port) implements BindAddress {
        @Override
        public String toString() {
            return (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + port;
        }
    }

    record Unix(Path path) implements BindAddress {
        @Override
        public String toString() {
            return "unix:" + path;
        }
    }
}
