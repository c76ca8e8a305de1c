package io.crowfly.conf.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Credential;
import io.crowfly.conf.Credential.Entra.Proof;
import io.crowfly.conf.Credential.ManagedIdentity.Endpoint;
import io.crowfly.conf.Credential.ManagedIdentity.Identity;
import io.crowfly.conf.value.Secret;
import io.crowfly.conf.value.SecretFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CredentialReaderTest {

    private static final URI ENTRA = URI.create("https://login.microsoftonline.com");
    private static final String COGNITIVE_SERVICES = "https://cognitiveservices.azure.com/.default";
    private static final List<String> CLOUD_PLATFORM = List.of("https://www.googleapis.com/auth/cloud-platform");

    @TempDir
    Path directory;

    TestConfFile file;

    @BeforeEach
    void writeReferencedFiles() throws IOException {
        file = new TestConfFile(directory);
        Files.writeString(directory.resolve("token"), "t-secret");
        Files.writeString(directory.resolve("sa.json"), TestServiceAccount.JSON);
    }

    @Test
    void readsKeysAndTokens() {
        assertThat(openai("{api-key: '${env:KEY}'}")).isEqualTo(new Credential.ApiKey(new Secret("k-secret-1234")));
        assertThat(openai("{bearer: '${file:token}'}"))
                .isEqualTo(new Credential.Bearer(new SecretFile(directory.resolve("token"))));
        assertThat(openai("{passthrough: true}")).isEqualTo(new Credential.Passthrough());
        assertThat(file.valid(TestConfFile.MINIMAL).backends().get(0).credential())
                .isEqualTo(new Credential.None());
    }

    @Test
    void readsAClientSecretOfEntra() {
        assertThat(azure("{entra: {tenant: contoso.onmicrosoft.com, client-id: id, client-secret: '${env:SPACED}'}}"))
                .isEqualTo(new Credential.Entra(
                        "contoso.onmicrosoft.com",
                        "id",
                        new Proof.ClientSecret(new Secret("Bearer t-secret")),
                        COGNITIVE_SERVICES,
                        ENTRA));
        assertThat(azure("{entra: {tenant: t, client-id: id, client-secret: '${file:token}',"
                        + " scope: api://x/.default, authority: 'https://login.chinacloudapi.cn/'}}"))
                .isEqualTo(new Credential.Entra(
                        "t",
                        "id",
                        new Proof.ClientSecret(new SecretFile(directory.resolve("token"))),
                        "api://x/.default",
                        URI.create("https://login.chinacloudapi.cn")));
    }

    @ParameterizedTest
    @CsvSource({"'{}'", "workload-identity", "''"})
    void workloadIdentityUsesTheEnvironmentVariablesOfAzure(String written) {
        Map<String, String> environment = Map.of(
                "AZURE_TENANT_ID", "t",
                "AZURE_CLIENT_ID", "id",
                "AZURE_FEDERATED_TOKEN_FILE", directory.resolve("token").toString(),
                "AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/");

        assertThat(credential("provider: azure, credential: {entra: " + written + "}", environment))
                .isEqualTo(new Credential.Entra(
                        "t",
                        "id",
                        new Proof.FederatedToken(directory.resolve("token")),
                        COGNITIVE_SERVICES,
                        URI.create("https://login.microsoftonline.us")));
    }

    @Test
    void keysOfTheConfOverrideTheVariablesOfAWorkloadIdentity() {
        Map<String, String> environment =
                Map.of("AZURE_TENANT_ID", "t", "AZURE_CLIENT_ID", "id", "AZURE_FEDERATED_TOKEN_FILE", "gone");

        assertThat(credential(
                        "provider: azure, credential: {entra: {client-id: mine, federated-token-file: token}}",
                        environment))
                .isEqualTo(new Credential.Entra(
                        "t", "mine", new Proof.FederatedToken(directory.resolve("token")), COGNITIVE_SERVICES, ENTRA));
    }

    @Test
    void aWrongVariableIsReportedWhereItIsUsed() {
        Map<String, String> environment =
                Map.of("AZURE_TENANT_ID", "hid/den", "AZURE_CLIENT_ID", "id", "AZURE_FEDERATED_TOKEN_FILE", "hidden");

        assertThat(file.problems(file.read(
                        TestConfFile.oneBackend("provider: azure, url: 'http://h', credential: {entra: {}}"),
                        environment)))
                .contains(
                        "3:71: `AZURE_TENANT_ID` is not an Entra ID tenant; write the tenant's id, a GUID, or its domain",
                        "3:71: the file that `AZURE_FEDERATED_TOKEN_FILE` names does not exist; put a token there"
                                + " (relative paths start at this file's directory), or name another file");
    }

    @ParameterizedTest
    @CsvSource({
        "contoso.openai.azure.com,            '',                               cognitiveservices",
        "contoso.cognitiveservices.azure.com, '',                               cognitiveservices",
        "contoso.azure-api.net,               '',                               cognitiveservices",
        "contoso.services.ai.azure.com,       '',                               ai",
        "contoso.services.ai.azure.com,       'api: deployments, api-version: a,', cognitiveservices",
    })
    void theAudienceDependsOnTheHost(String host, String api, String audience) {
        String backend = "provider: azure, " + api + " url: 'https://" + host + "', credential: ";

        Credential entra = file.backendOf(backend + "{entra: {tenant: t, client-id: c, client-secret: s}}")
                .credential();
        Credential identity = file.backendOf(backend + "{managed-identity: {}}").credential();

        assertThat(((Credential.Entra) entra).scope()).isEqualTo("https://" + audience + ".azure.com/.default");
        assertThat(((Credential.ManagedIdentity) identity).resource()).isEqualTo("https://" + audience + ".azure.com/");
    }

    @Test
    void readsAManagedIdentity() {
        URI imds = URI.create("http://169.254.169.254");
        String resource = "https://cognitiveservices.azure.com/";

        assertThat(azure("{managed-identity: }"))
                .isEqualTo(new Credential.ManagedIdentity(resource, Optional.empty(), new Endpoint.Imds(imds)));
        assertThat(azure("{managed-identity: {client-id: id, resource: api://x}}"))
                .isEqualTo(new Credential.ManagedIdentity(
                        "api://x", Optional.of(new Identity("client_id", "id")), new Endpoint.Imds(imds)));
        assertThat(azure("{managed-identity: {object-id: id}}"))
                .extracting(c -> ((Credential.ManagedIdentity) c).identity())
                .isEqualTo(Optional.of(new Identity("object_id", "id")));
        assertThat(azure("{managed-identity: {resource-id: /subscriptions/x}}"))
                .extracting(c -> ((Credential.ManagedIdentity) c).identity())
                .isEqualTo(Optional.of(new Identity("msi_res_id", "/subscriptions/x")));
    }

    @Test
    void theEndpointOfAManagedIdentityComesFromTheEnvironment() {
        Map<String, String> appService =
                Map.of("IDENTITY_ENDPOINT", "http://localhost:42356/msi/token", "IDENTITY_HEADER", "h-secret");

        assertThat(endpoint("{}", appService))
                .isEqualTo(new Endpoint.AppService(
                        URI.create("http://localhost:42356/msi/token"), new Secret("h-secret")));
        assertThat(endpoint("{endpoint: 'http://127.0.0.1:40342'}", appService))
                .isEqualTo(new Endpoint.Imds(URI.create("http://127.0.0.1:40342")));
        assertThat(endpoint("{}", Map.of("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1")))
                .isEqualTo(new Endpoint.Imds(URI.create("http://127.0.0.1:1")));
        assertThat(endpoint("{}", Map.of("IDENTITY_ENDPOINT", "http://localhost:42356/msi/token")))
                .isEqualTo(new Endpoint.Imds(URI.create("http://169.254.169.254")));
    }

    private Endpoint endpoint(String written, Map<String, String> environment) {
        return ((Credential.ManagedIdentity)
                        credential("provider: azure, credential: {managed-identity: " + written + "}", environment))
                .endpoint();
    }

    @Test
    void readsAServiceAccount() {
        Path json = directory.resolve("sa.json");

        assertThat(google("{service-account: sa.json}"))
                .isEqualTo(new Credential.ServiceAccount(json, false, CLOUD_PLATFORM));
        assertThat(google("{service-account: {file: sa.json, self-signed: true, scopes: ['https://a', 'https://b']}}"))
                .isEqualTo(new Credential.ServiceAccount(json, true, List.of("https://a", "https://b")));
    }

    @Test
    void readsAMetadataServer() {
        assertThat(google("{metadata-server: {}}"))
                .isEqualTo(new Credential.MetadataServer(
                        URI.create("http://metadata.google.internal"), "default", CLOUD_PLATFORM));
        assertThat(
                        google(
                                "{metadata-server: {host: '127.0.0.1:8080', account: edge@p.iam.gserviceaccount.com, scopes: [a]}}"))
                .isEqualTo(new Credential.MetadataServer(
                        URI.create("http://127.0.0.1:8080"), "edge@p.iam.gserviceaccount.com", List.of("a")));
        assertThat(credential(
                        "provider: google, api: gemini, credential: {metadata-server: }",
                        Map.of("GCE_METADATA_HOST", "169.254.169.254:988")))
                .isEqualTo(new Credential.MetadataServer(
                        URI.create("http://169.254.169.254:988"), "default", CLOUD_PLATFORM));
    }

    @Test
    void readsAFederatedWorkloadIdentity() {
        String audience = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/a/providers/b";

        assertThat(google("{workload-identity-federation: {audience: " + audience + ", subject-token-file: token}}"))
                .isEqualTo(new Credential.WorkloadIdentityFederation(
                        audience,
                        directory.resolve("token"),
                        "urn:ietf:params:oauth:token-type:jwt",
                        URI.create("https://sts.googleapis.com/v1/token"),
                        Optional.empty(),
                        CLOUD_PLATFORM));
        assertThat(google("""
                {workload-identity-federation: {audience: a, subject-token-file: token, subject-token-type: b,
                 sts: 'http://127.0.0.1/v1/token', impersonate: edge@p.iam.gserviceaccount.com, scopes: [c]}}"""))
                .isEqualTo(new Credential.WorkloadIdentityFederation(
                        "a",
                        directory.resolve("token"),
                        "b",
                        URI.create("http://127.0.0.1/v1/token"),
                        Optional.of(URI.create("https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
                                + "edge@p.iam.gserviceaccount.com:generateAccessToken")),
                        List.of("c")));
        assertThat(google("{workload-identity-federation: {audience: a, subject-token-file: token,"
                        + " impersonate: 'http://127.0.0.1/x:generateAccessToken'}}"))
                .extracting(c -> ((Credential.WorkloadIdentityFederation) c).impersonation())
                .isEqualTo(Optional.of(URI.create("http://127.0.0.1/x:generateAccessToken")));
    }

    @Test
    void openaiAcceptsEveryKind() {
        List.of(
                        "{entra: {tenant: t, client-id: c, client-secret: s, scope: a/.default}}",
                        "{managed-identity: {resource: a}}",
                        "{service-account: sa.json}",
                        "{metadata-server: {}}",
                        "{workload-identity-federation: {audience: a, subject-token-file: token}}")
                .forEach(credential -> assertThat(openai(credential)).isNotEqualTo(new Credential.None()));
    }

    private Credential openai(String credential) {
        return credential("provider: openai, credential: " + credential, TestConfFile.ENVIRONMENT);
    }

    private Credential azure(String credential) {
        return credential("provider: azure, credential: " + credential, TestConfFile.ENVIRONMENT);
    }

    private Credential google(String credential) {
        return credential("provider: google, api: gemini, credential: " + credential, TestConfFile.ENVIRONMENT);
    }

    private Credential credential(String backend, Map<String, String> environment) {
        return file.backendOf(backend + ", url: 'https://h'", environment).credential();
    }
}
