package io.crowfly.conf;

import io.crowfly.conf.value.Secret;
import io.crowfly.conf.value.SecretSource;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Settings of the credential that Crowfly attaches to requests for a backend. Backends with equal credentials share one
 * token.
 */
public sealed interface Credential {

    /** No credential is attached, and the client's own credential is removed. */
    record None() implements Credential {}

    /** The client's own credential is forwarded. */
    record Passthrough() implements Credential {}

    /** A key that is sent in the header {@code api-key}. */
    record ApiKey(SecretSource key) implements Credential {}

    /** A token that is sent as {@code authorization: Bearer TOKEN}. */
    record Bearer(SecretSource token) implements Credential {}

    /**
     * Token of Microsoft Entra ID, obtained with the OAuth client credentials grant.
     *
     * @param scope ends in {@code /.default}
     * @param authority login URL of the Azure cloud
     */
    record Entra(String tenant, String clientId, Proof proof, String scope, URI authority) implements Credential {

        /** Secret or token that proves the application's identity to Microsoft Entra ID. */
        public sealed interface Proof {

            record ClientSecret(SecretSource secret) implements Proof {}

            /**
             * Workload identity: the file holds a token, and Crowfly reads the file for each fetch of an Entra ID
             * token.
             */
            record FederatedToken(Path file) implements Proof {}
        }
    }

    /**
     * Token for the identity that Azure assigned to the machine.
     *
     * @param resource audience of the token, without {@code /.default}
     * @param identity absent: the machine's default identity
     * @param endpoint service that issues the tokens
     */
    record ManagedIdentity(String resource, Optional<Identity> identity, Endpoint endpoint) implements Credential {

        /**
         * Selection of one identity, for a machine with several.
         *
         * @param parameter name of the query parameter: {@code client_id}, {@code object_id} or {@code msi_res_id}
         */
        public record Identity(String parameter, String value) {}

        /** Service that issues tokens for the machine's identity. */
        public sealed interface Endpoint {

            /**
             * Metadata service of Azure's virtual machines.
             *
             * @param host scheme and authority of the service's URL
             */
            record Imds(URI host) implements Endpoint {}

            /**
             * Token service of Azure App Service and Container Apps.
             *
             * @param header value of the request header {@code x-identity-header}
             */
            record AppService(URI url, Secret header) implements Endpoint {}
        }
    }

    /**
     * Token for a Google service account, obtained with the account's key file.
     *
     * @param file JSON key file, read again when the file changes
     * @param selfSigned whether the signed JWT itself is attached (AIP-4111), instead of a token obtained with the JWT
     * @param scopes OAuth scopes of the token
     */
    record ServiceAccount(Path file, boolean selfSigned, List<String> scopes) implements Credential {
        public ServiceAccount {
            scopes = List.copyOf(scopes);
        }
    }

    /**
     * Token from Google's metadata server, on virtual machines and GKE.
     *
     * @param host scheme and authority of the server's URL
     * @param account {@code default} or the address of a service account
     */
    record MetadataServer(URI host, String account, List<String> scopes) implements Credential {
        public MetadataServer {
            scopes = List.copyOf(scopes);
        }
    }

    /**
     * Google token that Google's security token service issues in exchange for a token of another issuer (RFC 8693).
     *
     * @param audience full name of the workload identity provider
     * @param subjectToken file with the token of the other issuer, read for each exchange
     * @param sts URL of the token exchange
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
