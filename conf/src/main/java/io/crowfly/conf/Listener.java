package io.crowfly.conf;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where clients connect.
 *
 * @param name unique among the listeners
 * @param tls absent on a plain listener
 */
public record Listener(String name, BindAddress bind, Set<Protocol> protocols, Optional<Tls> tls) {

    public Listener {
        protocols = Set.copyOf(protocols);
    }

    /** What a client may speak, by its name in the conf file and in ALPN. */
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

    /** At least one certificate; the first one answers clients that name no host or an unknown one. */
    public record Tls(List<CertificateFiles> certificates) {

        public Tls {
            certificates = List.copyOf(certificates);
        }
    }
}
