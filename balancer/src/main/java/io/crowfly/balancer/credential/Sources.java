package io.crowfly.balancer.credential;

import io.crowfly.conf.Credential;
import io.crowfly.conf.Secret;
import io.crowfly.conf.SecretFile;
import io.crowfly.conf.SecretSource;

/** Which source keeps which credential, and what operators call it. */
final class Sources {

    private final Room room;
    private final Tokens tokens;
    private final TokenServer server;

    Sources(Room room) {
        this.room = room;
        this.tokens = new Tokens(room);
        this.server = new TokenServer(room);
    }

    Source of(Credential credential) {
        if (credential instanceof Credential.None) {
            return new FixedSource("none", new Shown.Nothing());
        } else if (credential instanceof Credential.Passthrough) {
            return new FixedSource("passthrough", new Shown.TheClients());
        } else if (credential instanceof Credential.ApiKey apiKey) {
            return secret("api-key", Headers.API_KEY, apiKey.key());
        } else if (credential instanceof Credential.Bearer bearer) {
            return secret("bearer", Headers.BEARER, bearer.token());
        } else if (credential instanceof Credential.Entra entra) {
            return token("entra", entra.clientId(), new EntraFetch(entra, server));
        } else if (credential instanceof Credential.ManagedIdentity identity) {
            String which = identity.identity()
                    .map(Credential.ManagedIdentity.Identity::value)
                    .orElse("of this machine");
            return token("managed-identity", which, new ManagedIdentityFetch(identity, server));
        } else if (credential instanceof Credential.ServiceAccount account) {
            return token("service-account", account.file().toString(), new ServiceAccountFetch(account, room, server));
        } else if (credential instanceof Credential.MetadataServer metadata) {
            return token("metadata-server", metadata.account(), new MetadataServerFetch(metadata, server));
        }
        Credential.WorkloadIdentityFederation federation = (Credential.WorkloadIdentityFederation) credential;
        return token("workload-identity-federation", federation.audience(), new FederationFetch(federation, server));
    }

    private Source secret(String kind, Headers header, SecretSource source) {
        return source instanceof Secret secret
                ? new FixedSource(kind, header.with(secret.reveal()))
                : new FileSource(room, kind, ((SecretFile) source).file(), header::with);
    }

    private Source token(String kind, String which, TokenFetch fetch) {
        return new TokenSource(room, tokens, kind, kind + " " + which, fetch);
    }
}
