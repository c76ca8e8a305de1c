package io.crowfly.balancer.credential;

import io.crowfly.conf.Credential;
import io.crowfly.conf.Secret;
import io.crowfly.conf.SecretFile;
import io.crowfly.conf.SecretSource;
import java.net.URI;
import java.util.concurrent.CompletableFuture;

/**
 * Microsoft Entra ID's client credentials grant, by a secret or by somebody else's token that it trusts (Kubernetes puts it
 * into a file and renews it there).
 */
record EntraFetch(Credential.Entra entra, TokenServer server) implements TokenFetch {

    private static final String JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    @Override
    public CompletableFuture<Token> fetch() throws FetchFailed {
        Form form = new Form()
                .with("grant_type", "client_credentials")
                .with("client_id", entra.clientId())
                .with("scope", entra.scope());
        if (entra.proof() instanceof Credential.Entra.Proof.ClientSecret proof) {
            form.with("client_secret", reveal(proof.secret()));
        } else {
            Credential.Entra.Proof.FederatedToken proof = (Credential.Entra.Proof.FederatedToken) entra.proof();
            form.with("client_assertion_type", JWT_BEARER).with("client_assertion", SecretText.read(proof.file()));
        }
        URI url = Urls.under(entra.authority(), "/" + Urls.segment(entra.tenant()) + "/oauth2/v2.0/token");
        return server.post(url, form);
    }

    private static String reveal(SecretSource source) throws FetchFailed {
        return source instanceof Secret secret ? secret.reveal() : SecretText.read(((SecretFile) source).file());
    }
}
