package io.crowfly.conf;

import io.crowfly.conf.value.Secret;
import io.crowfly.conf.value.SecretSource;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Credential that Crowfly attaches to requests for a backend. Equal credentials share their tokens. */
public sealed interface Credential {

    /** No credential is attached, and the client's own is removed. */
    record None() implements Credential {}

    /** The client's own credential. */
    record Passthrough() implements Credential {}

    /** Sent as {@code api-key}. */
    record ApiKey(SecretSource key) implements Credential {}

    /** Sent as {@code authorization: Bearer}. */
    record Bearer(SecretSource token) implements Credential {}

    /**
     * Microsoft Entra ID, client credentials grant.
     *
     * @param scope ends in {@code /.default}
     * @param authority login URL of the cloud
     */
    record Entra(String tenant, String clientId, Proof proof, String scope, URI authority) implements Credential {

        /** Proof of the application's identity. */
        public sealed interface Proof {

            record ClientSecret(SecretSource secret) implements Proof {}

            /** Workload identity: a file that is read for each token. */
            record FederatedToken(Path file) implements Proof {}
        }
    }

    /**
     * Token for the identity that Azure assigned to the machine.
     *
     * @param resource without {@code /.default}
     * @param endpoint service that issues the tokens
     */
    record ManagedIdentity(String resource, Optional<Identity> identity, Endpoint endpoint) implements Credential {

        /**
         * Selects one of several identities.
         *
         * @param parameter {@code client_id}, {@code object_id} or {@code msi_res_id}
         */
        public record Identity(String parameter, String value) {}

        /** Service that issues tokens for the identity. */
        public sealed interface Endpoint {

            /** Metadata service of virtual machines. @param host scheme and authority */
            record Imds(URI host) implements Endpoint {}

            /** Service of App Service and Container Apps. @param header value of {@code x-identity-header} */
            record AppService(URI url, Secret header) implements Endpoint {}
        }
    }

    /**
     * Token for a Google service account, from its key file.
     *
     * @param file JSON, read again when it changes
     * @param selfSigned whether the signed JWT itself is attached (AIP-4111), instead of a token obtained with it
     * @param scopes of the token
     */
    record ServiceAccount(Path file, boolean selfSigned, List<String> scopes) implements Credential {
        public ServiceAccount {
            scopes = List.copyOf(scopes);
        }
    }

    /** Token from Google's metadata server, on virtual machines and GKE. @param host scheme and authority */
    record MetadataServer(URI host, String account, List<String> scopes) implements Credential {
        public MetadataServer {
            scopes = List.copyOf(scopes);
        }
    }

    /**
     * Google token, exchanged for a token of another issuer at Google's security token service (RFC 8693).
     *
     * @param audience full name of the workload identity provider
     * @param subjectToken file with the token of the other issuer, read for each exchange
     * @param sts URL that exchanges the token
     * @param impersonation URL of a second exchange, for a service account's token, {@code …:generateAccessToken}
     */
    record WorkloadIdentityFederation(
            String audience,
            Path subjectToken,
            String subjectTokenType,
            URI sts,
            Optional<URI> impersonation,
            List<String> scopes)
            implements Credential {
        public WorkloadIdentityFederation {
            scopes = List.copyOf(scopes);
        }
    }
}
