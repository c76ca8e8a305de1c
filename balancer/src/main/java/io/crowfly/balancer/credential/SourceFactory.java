package io.crowfly.balancer.credential;

import io.crowfly.balancer.credential.fetch.CredentialThread;
import io.crowfly.balancer.credential.fetch.EntraFetch;
import io.crowfly.balancer.credential.fetch.FederationFetch;
import io.crowfly.balancer.credential.fetch.ManagedIdentityFetch;
import io.crowfly.balancer.credential.fetch.MetadataServerFetch;
import io.crowfly.balancer.credential.fetch.ServiceAccountFetch;
import io.crowfly.balancer.credential.fetch.TokenClient;
import io.crowfly.balancer.credential.fetch.TokenFetch;
import io.crowfly.conf.Credential;
import io.crowfly.conf.value.Secret;
import io.crowfly.conf.value.SecretFile;
import io.crowfly.conf.value.SecretSource;

/** Factory of the source for each kind of credential in the conf. Also gives each source its name for logs. */
final class SourceFactory {

    private final CredentialThread thread;
    private final TokenCache tokens;
    private final TokenClient client;

    SourceFactory(CredentialThread thread) {
        this.thread = thread;
        this.tokens = new TokenCache(thread);
        this.client = new TokenClient(thread);
    }

    ManagedCredentialSource create(Credential credential) {
        if (credential instanceof Credential.None) {
            return new FixedSource("none", new AttachedCredential.None());
        } else if (credential instanceof Credential.Passthrough) {
            return new FixedSource("passthrough", new AttachedCredential.Passthrough());
        } else if (credential instanceof Credential.ApiKey apiKey) {
            return secretSource("api-key", CredentialHeader.API_KEY, apiKey.key());
        } else if (credential instanceof Credential.Bearer bearer) {
            return secretSource("bearer", CredentialHeader.BEARER, bearer.token());
        } else if (credential instanceof Credential.Entra entra) {
            return tokenSource("entra", entra.clientId(), new EntraFetch(entra, client));
        } else if (credential instanceof Credential.ManagedIdentity identity) {
            String name = identity.identity()
                    .map(Credential.ManagedIdentity.Identity::value)
                    .orElse("of this machine");
            return tokenSource("managed-identity", name, new ManagedIdentityFetch(identity, client));
        } else if (credential instanceof Credential.ServiceAccount account) {
            return tokenSource(
                    "service-account", account.file().toString(), new ServiceAccountFetch(account, thread, client));
        } else if (credential instanceof Credential.MetadataServer metadata) {
            return tokenSource("metadata-server", metadata.account(), new MetadataServerFetch(metadata, client));
        }
        Credential.WorkloadIdentityFederation federation = (Credential.WorkloadIdentityFederation) credential;
        return tokenSource(
                "workload-identity-federation", federation.audience(), new FederationFetch(federation, client));
    }

    private ManagedCredentialSource secretSource(String kind, CredentialHeader header, SecretSource source) {
        return source instanceof Secret secret
                ? new FixedSource(kind, header.with(secret.reveal()))
                : new SecretFileSource(thread, kind, ((SecretFile) source).file(), header::with);
    }

    private ManagedCredentialSource tokenSource(String kind, String name, TokenFetch fetch) {
        return new TokenSource(thread, tokens, kind, kind + " " + name, fetch);
    }
}
