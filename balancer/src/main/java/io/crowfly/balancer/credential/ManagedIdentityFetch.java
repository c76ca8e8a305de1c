package io.crowfly.balancer.credential;

import io.crowfly.conf.Credential;
import io.crowfly.conf.Credential.ManagedIdentity.Endpoint;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The identity that Azure gives a machine, from the server that it puts beside it: by its instance metadata, or App Service. */
record ManagedIdentityFetch(Credential.ManagedIdentity identity, TokenServer server) implements TokenFetch {

    /** 404 and 410 while the server starts or is updated, by Microsoft's rules for retries. */
    private static final Set<Integer> PASSING = Set.of(404, 408, 410, 429);

    private static final String RESOURCE_ID = "msi_res_id";
    private static final String APP_SERVICE_RESOURCE_ID = "mi_res_id";

    @Override
    public CompletableFuture<Token> fetch() {
        return server.ask(request(), PASSING);
    }

    private HttpRequest request() {
        if (identity.endpoint() instanceof Endpoint.Imds imds) {
            URI url = Urls.under(imds.host(), "/metadata/identity/oauth2/token?" + query("2018-02-01", RESOURCE_ID));
            return HttpRequest.newBuilder(url).header("Metadata", "true").build();
        }
        Endpoint.AppService service = (Endpoint.AppService) identity.endpoint();
        return HttpRequest.newBuilder(URI.create(service.url() + "?" + query("2019-08-01", APP_SERVICE_RESOURCE_ID)))
                .header("X-IDENTITY-HEADER", service.header().reveal())
                .build();
    }

    private String query(String version, String resourceId) {
        Form form = new Form().with("api-version", version).with("resource", identity.resource());
        identity.identity()
                .ifPresent(which -> form.with(
                        which.parameter().equals(RESOURCE_ID) ? resourceId : which.parameter(), which.value()));
        return form.encoded();
    }
}
