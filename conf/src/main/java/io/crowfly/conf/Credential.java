package io.crowfly.conf;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What Crowfly shows a backend to be let in. Two equal credentials are one: they share what was got for them. */
public sealed interface Credential {

    /** Nothing is shown, the client's own neither. */
    record None() implements Credential {}

    /** What the client showed, as it is. */
    record Passthrough() implements Credential {}

    /** Sent as {@code api-key}. */
    record ApiKey(SecretSource key) implements Credential {}

    /** Sent as {@code authorization: Bearer}. */
    record Bearer(SecretSource token) implements Credential {}

    /** Microsoft Entra ID, client credentials. @param scope ends in {@code /.default}. @param authority of the cloud */
    record Entra(String tenant, String clientId, Proof proof, String scope, URI authority) implements Credential {

        /** What the client shows to be the one that it says. */
        public sealed interface Proof {

            record ClientSecret(SecretSource secret) implements Proof {}

            /** Workload identity: the file is read anew for each token. */
            record FederatedToken(Path file) implements Proof {}
        }
    }

    /**
     * The identity that Azure gives the machine.
     *
     * @param resource without {@code /.default}
     * @param endpoint where tokens are given out
     */
    record ManagedIdentity(String resource, Optional<Identity> identity, Endpoint endpoint) implements Credential {

        /** Which one, where there are several. @param parameter {@code client_id}, {@code object_id} or {@code msi_res_id} */
        public record Identity(String parameter, String value) {}

        public sealed interface Endpoint {

            /** Of virtual machines. @param host scheme and authority */
            record Imds(URI host) implements Endpoint {}

            /** Of App Service and Container Apps. @param header what to show as {@code x-identity-header} */
            record AppService(URI url, Secret header) implements Endpoint {}
        }
    }

    /**
     * A Google service account's key file.
     *
     * @param file JSON, read anew when it changes
     * @param selfSigned whether the signed JWT itself is shown (AIP-4111), rather than a token got for it
     * @param scopes of the token
     */
    record ServiceAccount(Path file, boolean selfSigned, List<String> scopes) implements Credential {
        public ServiceAccount {
            scopes = List.copyOf(scopes);
        }
    }

    /** Google's metadata server, of virtual machines and of GKE. @param host scheme and authority */
    record MetadataServer(URI host, String account, List<String> scopes) implements Credential {
        public MetadataServer {
            scopes = List.copyOf(scopes);
        }
    }

    /**
     * A token of somebody else's that Google's security token service takes (RFC 8693).
     *
     * @param audience the workload identity provider's full name
     * @param subjectToken the file that holds it, read anew for each token
     * @param sts where it is exchanged
     * @param impersonation where the token is exchanged once more for a service account's, {@code …:generateAccessToken}
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
