package io.crowfly.balancer.credential.fetch;

import io.crowfly.conf.Credential;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.concurrent.CompletableFuture;

/** Fetch of a token for the service account of a Google machine or pod, from Google's metadata server. */
public record MetadataServerFetch(Credential.MetadataServer metadata, TokenClient client) implements TokenFetch {

    @Override
    public CompletableFuture<Token> fetch() {
        String query = metadata.scopes().isEmpty()
                ? ""
                : "?"
                        + new UrlEncodedForm()
                                .with("scopes", String.join(",", metadata.scopes()))
                                .encoded();
        URI url = Urls.append(
                metadata.host(),
                "/computeMetadata/v1/instance/service-accounts/" + Urls.encodeSegment(metadata.account()) + "/token"
                        + query);
        return client.send(
                HttpRequest.newBuilder(url).header("Metadata-Flavor", "Google").build(),
                TokenResponse.RETRYABLE_STATUSES);
    }
}
