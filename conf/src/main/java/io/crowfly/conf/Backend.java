package io.crowfly.conf;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Settings of one backend ({@code backends[]}): an inference endpoint with its credential, models and probe. A backend
 * whose settings are equal before and after a reload keeps its connections and its learned state.
 *
 * @param name unique among the backends
 * @param url {@code http} or {@code https}, with a host; Crowfly puts the path of this URL before the path of every
 *     request
 * @param region region of the endpoint, as the provider names the region; empty if not given
 * @param tier 1 to {@link #MAX_TIER}; capacity that is paid in advance is 1, overflow 2 and up
 * @param labels labels that the operator chose, for the rules of {@link Routing}
 * @param ca PEM file with the authorities to trust instead of the JDK's; for endpoints with a private authority
 * @param headers request headers that are set or passed for this backend
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

    /** Maximum number of a tier, far more than the kinds of capacity that can be bought. */
    public static final int MAX_TIER = 100;

    public Backend {
        labels = Map.copyOf(labels);
    }

    public boolean serves(String model) {
        return models.serves(model);
    }

    public boolean servesEveryModel() {
        return models.servesEveryModel();
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
