package io.crowfly.conf.key;

import java.util.List;

/** Keys of {@code backends[].credential}, of which a backend has one. */
public final class CredentialKeys {

    public static final List<Key> CREDENTIAL = List.of(
            new Key(
                    "api-key",
                    Types.TEXT,
                    "",
                    "api-key: \"${env:AZURE_KEY}\"",
                    "`azure`, `openai`: attached as `api-key: KEY`"),
            new Key(
                    "bearer",
                    Types.TEXT,
                    "",
                    "bearer: \"${file:secrets/key}\"",
                    "all providers: attached as `authorization: Bearer TOKEN`. Use this for the key of the "
                            + "Gemini API"),
            new Key(
                    "entra",
                    new ValueType.Either(
                            "mapping, or `workload-identity`",
                            List.of(
                                    new ValueType.Mapping("backends[].credential.entra"),
                                    new ValueType.Word(List.of("workload-identity")))),
                    "",
                    "entra: workload-identity",
                    "`azure`, `openai`: a Microsoft Entra ID token for an application"),
            new Key(
                    "managed-identity",
                    new ValueType.Mapping("backends[].credential.managed-identity"),
                    "",
                    "managed-identity: {}",
                    "`azure`, `openai`: a token for the managed identity of the machine, App Service or "
                            + "Container App"),
            new Key(
                    "service-account",
                    new ValueType.Either(
                            "file, or mapping",
                            List.of(Types.FILE, new ValueType.Mapping("backends[].credential.service-account"))),
                    "",
                    "service-account: secrets/gcp.json",
                    "`google`, `openai`: a token for a Google service account"),
            new Key(
                    "metadata-server",
                    new ValueType.Mapping("backends[].credential.metadata-server"),
                    "",
                    "metadata-server: {}",
                    "`google`, `openai`: a token from the metadata server of a Google machine or of GKE"),
            new Key(
                    "workload-identity-federation",
                    new ValueType.Mapping("backends[].credential.workload-identity-federation"),
                    "",
                    "workload-identity-federation: {audience: "
                            + "\"//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/edge/providers/azure\", "
                            + "subject-token-file: secrets/token}",
                    "`google`, `openai`: a Google token, obtained in exchange for a token of another issuer"),
            new Key(
                    "passthrough",
                    Types.FLAG,
                    "",
                    "passthrough: true",
                    "all providers: the client's own credential, in the form of the provider: as `api-key` for "
                            + "`azure`, as a bearer token for the others. Only `true` is allowed"));

    public static final List<Key> ENTRA = List.of(
            new Key(
                    "tenant",
                    new ValueType.Text("text", "[A-Za-z0-9][A-Za-z0-9.-]*"),
                    "variable `AZURE_TENANT_ID`; required with `client-secret`",
                    "tenant: contoso.onmicrosoft.com",
                    "the id or the domain of the tenant"),
            new Key(
                    "client-id",
                    Types.TEXT,
                    "variable `AZURE_CLIENT_ID`; required with `client-secret`",
                    "client-id: 00000000-0000-0000-0000-000000000001",
                    "the id of the application"),
            new Key(
                    "client-secret",
                    Types.TEXT,
                    "",
                    "client-secret: \"${file:secrets/entra}\"",
                    "the secret of the application"),
            new Key(
                    "federated-token-file",
                    Types.FILE,
                    "variable `AZURE_FEDERATED_TOKEN_FILE`",
                    "federated-token-file: secrets/token",
                    "a file with a token that proves the identity instead of a secret"),
            new Key(
                    "scope",
                    new ValueType.Text("text", ".+/\\.default"),
                    "see below; required for `openai`",
                    "scope: https://cognitiveservices.azure.com/.default",
                    "ends in `/.default`"),
            new Key(
                    "authority",
                    Types.URL,
                    "variable `AZURE_AUTHORITY_HOST` without `client-secret`, else "
                            + "`https://login.microsoftonline.com`",
                    "authority: https://login.microsoftonline.us",
                    "the login URL of the cloud"));

    public static final List<Key> MANAGED_IDENTITY = List.of(
            new Key(
                    "resource",
                    Types.TEXT,
                    "see below; required for `openai`",
                    "resource: https://cognitiveservices.azure.com",
                    "a `scope` without `/.default`"),
            new Key(
                    "client-id",
                    Types.TEXT,
                    "the only identity of the machine",
                    "client-id: 00000000-0000-0000-0000-000000000001",
                    "selects the identity; at most one of this key and the next two"),
            new Key(
                    "object-id",
                    Types.TEXT,
                    "",
                    "object-id: 00000000-0000-0000-0000-000000000001",
                    "selects the identity"),
            new Key(
                    "resource-id",
                    Types.TEXT,
                    "",
                    "resource-id: "
                            + "/subscriptions/1/resourcegroups/edge/providers/Microsoft.ManagedIdentity/userAssignedIdentities/edge",
                    "selects the identity"),
            new Key(
                    "endpoint",
                    Types.URL,
                    "App Service's, if the variables `IDENTITY_ENDPOINT` and `IDENTITY_HEADER` are set; else "
                            + "variable `AZURE_POD_IDENTITY_AUTHORITY_HOST`; else `http://169.254.169.254`",
                    "endpoint: http://169.254.169.254",
                    "scheme and host of the metadata service (IMDS)"));

    public static final List<Key> SERVICE_ACCOUNT = List.of(
            new Key(
                    "file",
                    Types.FILE,
                    Key.REQUIRED,
                    "file: secrets/gcp.json",
                    "the JSON file. Crowfly opens it when it reads the conf: a file of another kind, or a key "
                            + "that cannot sign, is a problem"),
            new Key(
                    "self-signed",
                    Types.FLAG,
                    "`false`",
                    "self-signed: true",
                    "`true` attaches a JWT that the key signed. `false` exchanges that JWT for a token"),
            new Key(
                    "scopes",
                    Types.TEXTS,
                    "`[https://www.googleapis.com/auth/cloud-platform]`",
                    "scopes: [https://www.googleapis.com/auth/cloud-platform]",
                    "scopes of the token"));

    public static final List<Key> METADATA_SERVER = List.of(
            new Key(
                    "host",
                    Types.TEXT,
                    "variable `GCE_METADATA_HOST`, else `metadata.google.internal`",
                    "host: metadata.google.internal",
                    "host and port"),
            new Key(
                    "account",
                    new ValueType.Text("text", "[A-Za-z0-9][A-Za-z0-9.@-]*"),
                    "`default`",
                    "account: edge@contoso.iam.gserviceaccount.com",
                    "the address of a service account, if the machine has several"),
            new Key(
                    "scopes",
                    Types.TEXTS,
                    "`[https://www.googleapis.com/auth/cloud-platform]`",
                    "scopes: [https://www.googleapis.com/auth/cloud-platform]",
                    "scopes of the token"));

    public static final List<Key> WORKLOAD_IDENTITY_FEDERATION = List.of(
            new Key(
                    "audience",
                    Types.TEXT,
                    Key.REQUIRED,
                    "audience: "
                            + "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/edge/providers/azure",
                    "the full name of the provider in the workload identity pool, "
                            + "`//iam.googleapis.com/projects/…`"),
            new Key(
                    "subject-token-file",
                    Types.FILE,
                    Key.REQUIRED,
                    "subject-token-file: secrets/token",
                    "the file with the token to exchange"),
            new Key(
                    "subject-token-type",
                    Types.TEXT,
                    "`urn:ietf:params:oauth:token-type:jwt`",
                    "subject-token-type: urn:ietf:params:oauth:token-type:jwt",
                    "the type of that token"),
            new Key(
                    "sts",
                    Types.URL,
                    "`https://sts.googleapis.com/v1/token`",
                    "sts: https://sts.googleapis.com/v1/token",
                    "the URL that exchanges the token"),
            new Key(
                    "impersonate",
                    Types.TEXT,
                    "none",
                    "impersonate: edge@contoso.iam.gserviceaccount.com",
                    "the address of a service account, or the URL that makes its tokens. With this key, the "
                            + "token is exchanged a second time, for a token of that account"),
            new Key(
                    "scopes",
                    Types.TEXTS,
                    "`[https://www.googleapis.com/auth/cloud-platform]`",
                    "scopes: [https://www.googleapis.com/auth/cloud-platform]",
                    "scopes of the token"));

    private CredentialKeys() {}
}
