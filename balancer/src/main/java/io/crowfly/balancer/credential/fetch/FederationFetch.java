package io.crowfly.balancer.credential.fetch;

import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.conf.Credential;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.concurrent.CompletableFuture;

/**
 * Fetch of a token through Google's workload identity federation. Exchanges another issuer's token for a Google token
 * (RFC 8693). If the conf names a service account, exchanges the Google token for a token of that account.
 */
public record FederationFetch(Credential.WorkloadIdentityFederation federation, TokenClient client)
        implements TokenFetch {

    private static final String TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
    private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

    /** Scope of a token that is only exchanged for another token. */
    private static final String CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

    @Override
    public CompletableFuture<Token> fetch() throws FetchFailed {
        boolean impersonates = federation.impersonation().isPresent();
        UrlEncodedForm form = new UrlEncodedForm()
                .with("grant_type", TOKEN_EXCHANGE)
                .with("audience", federation.audience())
                .with("scope", impersonates ? CLOUD_PLATFORM : String.join(" ", federation.scopes()))
                .with("requested_token_type", ACCESS_TOKEN)
                .with("subject_token", SecretText.read(federation.subjectToken()))
                .with("subject_token_type", federation.subjectTokenType());
        CompletableFuture<Token> federatedToken = client.post(federation.sts(), form);
        return federation
                .impersonation()
                .map(url -> federatedToken.thenCompose(token -> impersonate(url, token)))
                .orElse(federatedToken);
    }

    private CompletableFuture<Token> impersonate(URI url, Token federatedToken) {
        String body = Json.object(this::writeTokenRequest);
        HttpRequest request = HttpRequest.newBuilder(url)
                .header("Authorization", "Bearer " + federatedToken.value())
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        return client.send(request, TokenResponse.RETRYABLE_STATUSES);
    }

    private void writeTokenRequest(JsonGenerator json) throws IOException {
        json.writeArrayFieldStart("scope");
        for (String scope : federation.scopes()) {
            json.writeString(scope);
        }
        json.writeEndArray();
        json.writeStringField("lifetime", "3600s");
    }
}
