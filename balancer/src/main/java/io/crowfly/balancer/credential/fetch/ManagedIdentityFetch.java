package io.crowfly.balancer.credential.fetch;

import io.crowfly.conf.Credential;
import io.crowfly.conf.Credential.ManagedIdentity.Endpoint;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Fetch of a token for an Azure managed identity, from the instance metadata service (IMDS) or from App Service. */
public record ManagedIdentityFetch(Credential.ManagedIdentity identity, TokenClient client) implements TokenFetch {

    /**
     * Statuses after which another attempt is useful. 404 and 410 are among them, because the server sends them while
     * it starts or is updated (Microsoft's rules for retries).
     */
    private static final Set<Integer> RETRYABLE_STATUSES = Set.of(404, 408, 410, 429);

    private static final String RESOURCE_ID = "msi_res_id";
    private static final String APP_SERVICE_RESOURCE_ID = "mi_res_id";

    @Override
    public CompletableFuture<Token> fetch() {
        return client.send(request(), RETRYABLE_STATUSES);
    }

    private HttpRequest request() {
        if (identity.endpoint() instanceof Endpoint.Imds imds) {
            URI url = Urls.append(imds.host(), "/metadata/identity/oauth2/token?" + query("2018-02-01", RESOURCE_ID));
            return HttpRequest.newBuilder(url).header("Metadata", "true").build();
        }
        Endpoint.AppService service = (Endpoint.AppService) identity.endpoint();
        return HttpRequest.newBuilder(URI.create(service.url() + "?" + query("2019-08-01", APP_SERVICE_RESOURCE_ID)))
                .header("X-IDENTITY-HEADER", service.header().reveal())
                .build();
    }

    private String query(String version, String resourceId) {
        UrlEncodedForm form = new UrlEncodedForm().with("api-version", version).with("resource", identity.resource());
        identity.identity()
                .ifPresent(selected -> form.with(
                        selected.parameter().equals(RESOURCE_ID) ? resourceId : selected.parameter(),
                        selected.value()));
        return form.encoded();
    }
}
