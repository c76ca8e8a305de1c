package io.crowfly.balancer.credential.fetch;

import io.crowfly.conf.Credential;
import io.crowfly.conf.value.Secret;
import io.crowfly.conf.value.SecretFile;
import io.crowfly.conf.value.SecretSource;
import java.net.URI;
import java.util.concurrent.CompletableFuture;

/**
 * Fetch of a token from Microsoft Entra ID, with the OAuth client credentials grant. The application's proof is a
 * secret, or a token of another issuer that Entra trusts (Kubernetes writes it to a file and renews it there).
 */
public record EntraFetch(Credential.Entra entra, TokenClient client) implements TokenFetch {

    private static final String JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    @Override
    public CompletableFuture<Token> fetch() throws FetchFailed {
        UrlEncodedForm form = new UrlEncodedForm()
                .with("grant_type", "client_credentials")
                .with("client_id", entra.clientId())
                .with("scope", entra.scope());
        if (entra.proof() instanceof Credential.Entra.Proof.ClientSecret proof) {
            form.with("client_secret", reveal(proof.secret()));
        } else {
            Credential.Entra.Proof.FederatedToken proof = (Credential.Entra.Proof.FederatedToken) entra.proof();
            form.with("client_assertion_type", JWT_BEARER).with("client_assertion", SecretText.read(proof.file()));
        }
        URI url = Urls.append(entra.authority(), "/" + Urls.encodeSegment(entra.tenant()) + "/oauth2/v2.0/token");
        return client.post(url, form);
    }

    private static String reveal(SecretSource source) throws FetchFailed {
        return source instanceof Secret secret ? secret.reveal() : SecretText.read(((SecretFile) source).file());
    }
}
