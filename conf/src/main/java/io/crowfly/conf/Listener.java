package io.crowfly.conf;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Settings of one listener ({@code listeners[]}): an address that accepts connections from clients.
 *
 * @param name unique among the listeners
 * @param tls absent: connections are not encrypted
 * @param cors absent: a browser's preflight is a request like any other
 */
public record Listener(String name, BindAddress bind, Set<Protocol> protocols, Optional<Tls> tls, Optional<Cors> cors) {

    public Listener {
        protocols = Set.copyOf(protocols);
    }

    /** HTTP version that a listener offers to clients. */
    public enum Protocol {
        HTTP_1_1("http/1.1");

        private final String alpnName;

        Protocol(String alpnName) {
            this.alpnName = alpnName;
        }

        public String alpnName() {
            return alpnName;
        }
    }

    /**
     * Certificates of a TLS listener, at least one. The first certificate is for clients that send no host name or an
     * unknown one.
     */
    public record Tls(List<CertificateFiles> certificates) {

        public Tls {
            certificates = List.copyOf(certificates);
        }
    }
}
