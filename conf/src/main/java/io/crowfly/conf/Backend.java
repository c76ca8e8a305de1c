package io.crowfly.conf;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * One inference endpoint. Two equal backends are the same backend: across a reload it keeps its connections and what was
 * learned of it.
 *
 * @param name unique among the backends
 * @param url {@code http} or {@code https}, with a host; a path is a prefix of every request's path
 * @param region where the endpoint is, in its provider's words; empty if not said
 * @param tier 1 or more; capacity that is paid in advance is 1, overflow 2 and up
 * @param labels the operator's own words, for the rules of {@link Routing}
 * @param ca the certificates to trust instead of the JDK's, PEM; for endpoints behind a private authority
 * @param headers what of a request's head is different here
 */
public record Backend(
        String name,
        Provider provider,
        URI url,
        String region,
        int tier,
        Map<String, String> labels,
        Credential credential,
        Models models,
        Probe probe,
        Optional<Path> ca,
        BackendHeaders headers) {

    public Backend {
        labels = Map.copyOf(labels);
    }

    public boolean serves(String model) {
        return models.serves(model);
    }

    public boolean servesEveryModel() {
        return models.isAll();
    }

    public boolean tls() {
        return url.getScheme().equals("https");
    }

    public String host() {
        String host = url.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    public int port() {
        return url.getPort() >= 0 ? url.getPort() : tls() ? 443 : 80;
    }
}
