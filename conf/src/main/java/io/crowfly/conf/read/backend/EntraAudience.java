package io.crowfly.conf.read.backend;

import io.crowfly.conf.Provider;
import java.net.URI;
import java.util.Optional;

/**
 * Audience of a Microsoft Entra ID token for a backend. Azure's documentation names two audiences: the older one for
 * classic hosts and in the REST reference, the newer one for hosts of Foundry. Azure responds with 401 to a token for
 * the wrong audience.
 *
 * @param name scheme and host
 */
record EntraAudience(String name) {

    private static final EntraAudience COGNITIVE_SERVICES = new EntraAudience("https://cognitiveservices.azure.com");
    private static final EntraAudience FOUNDRY = new EntraAudience("https://ai.azure.com");

    static final String DEFAULT_SCOPE = "/.default";

    /**
     * Returns the audience for a backend. Empty if the backend is not an Azure one; then the operator must set the
     * audience.
     *
     * @param provider empty if the provider has a problem
     * @param url empty if the url has a problem
     */
    static Optional<EntraAudience> forBackend(Optional<Provider> provider, Optional<URI> url) {
        if (provider.isPresent() && !(provider.get() instanceof Provider.Azure)) {
            return Optional.empty();
        }
        boolean deployments = provider.isPresent()
                && provider.get() instanceof Provider.Azure azure
                && azure.api() == Provider.Azure.Api.DEPLOYMENTS;
        boolean foundry = url.isPresent() && url.get().getHost().endsWith(".services.ai.azure.com");
        return Optional.of(foundry && !deployments ? FOUNDRY : COGNITIVE_SERVICES);
    }

    String scope() {
        return name + DEFAULT_SCOPE;
    }

    /** Returns the audience with a slash at its end, as in the examples of Azure's metadata service. */
    String resource() {
        return name + '/';
    }
}
