package io.crowfly.balancer.credential;

import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.conf.Credential;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.concurrent.CompletableFuture;

/**
 * Google's workload identity federation: somebody else's token is exchanged for one of Google's (RFC 8693), and that for a
 * service account's where the conf wants one.
 */
record FederationFetch(Credential.WorkloadIdentityFederation federation, TokenServer server) implements TokenFetch {

    private static final String TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
    private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

    /** What a token needs that is only exchanged for another one. */
    private static final String CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

    @Override
    public CompletableFuture<Token> fetch() throws FetchFailed {
        boolean impersonates = federation.impersonation().isPresent();
        Form form = new Form()
                .with("grant_type", TOKEN_EXCHANGE)
                .with("audience", federation.audience())
                .with("scope", impersonates ? CLOUD_PLATFORM : String.join(" ", federation.scopes()))
                .with("requested_token_type", ACCESS_TOKEN)
                .with("subject_token", SecretText.read(federation.subjectToken()))
                .with("subject_token_type", federation.subjectTokenType());
        CompletableFuture<Token> own = server.post(federation.sts(), form);
        return federation
                .impersonation()
                .map(url -> own.thenCompose(token -> impersonate(url, token)))
                .orElse(own);
    }

    private CompletableFuture<Token> impersonate(URI url, Token own) {
        String body = Json.object(this::writeWanted);
        HttpRequest request = HttpRequest.newBuilder(url)
                .header("Authorization", "Bearer " + own.value())
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        return server.ask(request, TokenAnswer.PASSING);
    }

    private void writeWanted(JsonGenerator json) throws IOException {
        json.writeArrayFieldStart("scope");
        for (String scope : federation.scopes()) {
            json.writeString(scope);
        }
        json.writeEndArray();
        json.writeStringField("lifetime", "3600s");
    }
}
