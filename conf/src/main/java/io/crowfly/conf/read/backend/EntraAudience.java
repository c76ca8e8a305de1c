package io.crowfly.conf.read.backend;

import io.crowfly.conf.Provider;
import java.net.URI;
import java.util.Optional;

/**
 * For whom Microsoft Entra ID makes a token out. Azure's pages name two: the older one is what classic hosts and the REST
 * reference say, the newer what Foundry's hosts want. A token for the wrong one is answered 401.
 *
 * @param name scheme and host
 */
record EntraAudience(String name) {

    private static final EntraAudience COGNITIVE_SERVICES = new EntraAudience("https://cognitiveservices.azure.com");
    private static final EntraAudience FOUNDRY = new EntraAudience("https://ai.azure.com");

    static final String DEFAULT_SCOPE = "/.default";

    /** Empty where only the operator can know. @param provider empty if it has a problem, as is {@code url} */
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

    /** As the metadata service's examples write it. */
    String resource() {
        return name + '/';
    }
}
