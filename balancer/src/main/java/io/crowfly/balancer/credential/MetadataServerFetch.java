package io.crowfly.balancer.credential;

import io.crowfly.conf.Credential;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.concurrent.CompletableFuture;

/** The service account that Google gives a machine or a pod, from the server that it puts beside it. */
record MetadataServerFetch(Credential.MetadataServer metadata, TokenServer server) implements TokenFetch {

    @Override
    public CompletableFuture<Token> fetch() {
        String query = metadata.scopes().isEmpty()
                ? ""
                : "?"
                        + new Form()
                                .with("scopes", String.join(",", metadata.scopes()))
                                .encoded();
        URI url = Urls.under(
                metadata.host(),
                "/computeMetadata/v1/instance/service-accounts/" + Urls.segment(metadata.account()) + "/token" + query);
        return server.ask(
                HttpRequest.newBuilder(url).header("Metadata-Flavor", "Google").build(), TokenAnswer.PASSING);
    }
}
