package io.crowfly.balancer.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Credential.Entra;
import io.crowfly.conf.Credential.ManagedIdentity;
import io.crowfly.conf.Credential.MetadataServer;
import io.crowfly.conf.Credential.ServiceAccount;
import io.crowfly.conf.Credential.WorkloadIdentityFederation;
import java.io.IOException;

/**
 * JSON of a backend's credential settings on the page {@code GET /conf}: the identity and the source, never the secret.
 */
record CredentialJson(Credential credential) implements Json.Writer {

    @Override
    public void writeTo(JsonGenerator json) throws IOException {
        json.writeStartObject();
        if (credential instanceof Credential.ApiKey apiKey) {
            json.writeStringField("api-key", ConfJson.text(apiKey.key()));
        } else if (credential instanceof Credential.Bearer bearer) {
            json.writeStringField("bearer", ConfJson.text(bearer.token()));
        } else if (credential instanceof Credential.Passthrough) {
            json.writeBooleanField("passthrough", true);
        } else if (credential instanceof Entra entra) {
            write(json, entra);
        } else if (credential instanceof ManagedIdentity identity) {
            write(json, identity);
        } else if (credential instanceof ServiceAccount account) {
            write(json, account);
        } else if (credential instanceof MetadataServer server) {
            write(json, server);
        } else if (credential instanceof WorkloadIdentityFederation federation) {
            write(json, federation);
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Entra entra) throws IOException {
        json.writeObjectFieldStart("entra");
        json.writeStringField("tenant", entra.tenant());
        json.writeStringField("client-id", entra.clientId());
        if (entra.proof() instanceof Entra.Proof.ClientSecret proof) {
            json.writeStringField("client-secret", ConfJson.text(proof.secret()));
        } else if (entra.proof() instanceof Entra.Proof.FederatedToken proof) {
            json.writeStringField("federated-token-file", proof.file().toString());
        }
        json.writeStringField("scope", entra.scope());
        json.writeStringField("authority", entra.authority().toString());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, ManagedIdentity identity) throws IOException {
        json.writeObjectFieldStart("managed-identity");
        json.writeStringField("resource", identity.resource());
        if (identity.identity().isPresent()) {
            ManagedIdentity.Identity which = identity.identity().get();
            json.writeStringField(key(which), which.value());
        }
        json.writeStringField(
                "endpoint",
                identity.endpoint() instanceof ManagedIdentity.Endpoint.Imds imds
                        ? imds.host().toString()
                        : ((ManagedIdentity.Endpoint.AppService) identity.endpoint())
                                .url()
                                .toString());
        json.writeEndObject();
    }

    private static String key(ManagedIdentity.Identity identity) {
        return switch (identity.parameter()) {
            case "client_id" -> "client-id";
            case "object_id" -> "object-id";
            default -> "resource-id";
        };
    }

    private static void write(JsonGenerator json, ServiceAccount account) throws IOException {
        json.writeObjectFieldStart("service-account");
        json.writeStringField("file", account.file().toString());
        json.writeBooleanField("self-signed", account.selfSigned());
        ConfJson.write(json, "scopes", account.scopes());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, MetadataServer server) throws IOException {
        json.writeObjectFieldStart("metadata-server");
        json.writeStringField("host", server.host().toString());
        json.writeStringField("account", server.account());
        ConfJson.write(json, "scopes", server.scopes());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, WorkloadIdentityFederation federation) throws IOException {
        json.writeObjectFieldStart("workload-identity-federation");
        json.writeStringField("audience", federation.audience());
        json.writeStringField("subject-token-file", federation.subjectToken().toString());
        json.writeStringField("subject-token-type", federation.subjectTokenType());
        json.writeStringField("sts", federation.sts().toString());
        if (federation.impersonation().isPresent()) {
            json.writeStringField(
                    "impersonate", federation.impersonation().get().toString());
        }
        ConfJson.write(json, "scopes", federation.scopes());
        json.writeEndObject();
    }
}
