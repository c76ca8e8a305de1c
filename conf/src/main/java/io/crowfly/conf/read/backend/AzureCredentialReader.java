package io.crowfly.conf.read.backend;

import io.crowfly.conf.Credential;
import io.crowfly.conf.read.field.CredentialFileReader;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.Section;
import io.crowfly.conf.read.field.SectionFields;
import io.crowfly.conf.read.field.UrlReader;
import io.crowfly.conf.value.Secret;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reader of {@code credential.entra} and {@code credential.managed-identity}, the two kinds with Azure tokens. A key
 * that is absent is read from the environment variable that Azure sets for it.
 */
final class AzureCredentialReader {

    private static final URI AUTHORITY = URI.create("https://login.microsoftonline.com");
    private static final URI IMDS = URI.create("http://169.254.169.254");

    /** Allowed form of a tenant. No slash, because the tenant becomes a segment of a URL's path. */
    private static final Pattern TENANT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]*");

    /** Conf keys that select an identity, each with its query parameter in the token request. */
    private static final Map<String, String> IDENTITIES =
            Map.of("client-id", "client_id", "object-id", "object_id", "resource-id", "msi_res_id");

    private AzureCredentialReader() {}

    /**
     * Reads {@code credential.entra}.
     *
     * @param defaultAudience empty if the conf must set {@code scope}
     */
    static Optional<Credential> entra(Field field, Optional<EntraAudience> defaultAudience) {
        SectionFields fields =
                (field.rawTextEquals("workload-identity") ? field.withoutValue() : field).fields(Section.ENTRA);
        Optional<Field> secret = fields.find("client-secret");
        if (secret.isPresent() && fields.find("federated-token-file").isPresent()) {
            field.problem("both `client-secret` and `federated-token-file` are given", "remove one of them");
        }
        boolean workload = secret.isEmpty();
        Optional<String> tenant =
                require(fields, "tenant", workload, "AZURE_TENANT_ID").flatMap(AzureCredentialReader::tenant);
        Optional<String> client =
                require(fields, "client-id", workload, "AZURE_CLIENT_ID").flatMap(CredentialReader::visibleText);
        Optional<Credential.Entra.Proof> proof = secret.isPresent()
                ? secret.get().secret(text -> true).map(Credential.Entra.Proof.ClientSecret::new)
                : require(fields, "federated-token-file", true, "AZURE_FEDERATED_TOKEN_FILE")
                        .flatMap(CredentialFileReader::token)
                        .map(Credential.Entra.Proof.FederatedToken::new);
        Optional<URI> authority = (workload
                        ? fields.findOrVariable("authority", "AZURE_AUTHORITY_HOST")
                        : fields.find("authority"))
                .map(f -> UrlReader.read(f, AUTHORITY.toString()))
                .orElse(Optional.of(AUTHORITY));
        Optional<String> scope = scope(fields, defaultAudience);
        if (tenant.isEmpty() || client.isEmpty() || proof.isEmpty() || authority.isEmpty() || scope.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Credential.Entra(tenant.get(), client.get(), proof.get(), scope.get(), authority.get()));
    }

    private static Optional<Field> require(SectionFields fields, String key, boolean workload, String variable) {
        return workload
                ? fields.requireOrVariable(key, variable)
                : fields.require(key, "add it: the page of the application in Entra ID shows it");
    }

    private static Optional<String> tenant(Field field) {
        Optional<String> text = field.text();
        if (text.isPresent() && !TENANT.matcher(text.get()).matches()) {
            field.problem(
                    field.quotedName() + " is not an Entra ID tenant", "write the tenant's id, a GUID, or its domain");
            return Optional.empty();
        }
        return text;
    }

    private static Optional<String> scope(SectionFields fields, Optional<EntraAudience> defaultAudience) {
        Optional<Field> field = defaultAudience.isPresent()
                ? fields.find("scope")
                : fields.require("scope", "add the scope of the endpoint, for example api://…/.default");
        if (field.isEmpty()) {
            return defaultAudience.map(EntraAudience::scope);
        }
        Optional<String> scope = CredentialReader.visibleText(field.get());
        if (scope.isPresent() && !scope.get().endsWith(EntraAudience.DEFAULT_SCOPE)) {
            field.get()
                    .problem(
                            "`scope` does not end in /.default",
                            "append /.default, because an application has no other scopes");
            return Optional.empty();
        }
        return scope;
    }

    /**
     * Reads {@code credential.managed-identity}.
     *
     * @param defaultAudience empty if the conf must set {@code resource}
     */
    static Optional<Credential> managedIdentity(Field field, Optional<EntraAudience> defaultAudience) {
        SectionFields fields = field.fields(Section.MANAGED_IDENTITY);
        Optional<String> resource = resource(fields, defaultAudience);
        Optional<Credential.ManagedIdentity.Endpoint> endpoint = endpoint(fields);
        Optional<Credential.ManagedIdentity.Identity> identity = identity(field, fields);
        return resource.flatMap(r -> endpoint.map(e -> new Credential.ManagedIdentity(r, identity, e)));
    }

    private static Optional<String> resource(SectionFields fields, Optional<EntraAudience> defaultAudience) {
        Optional<Field> field = defaultAudience.isPresent()
                ? fields.find("resource")
                : fields.require("resource", "add the resource of the endpoint, for example api://…");
        if (field.isEmpty()) {
            return defaultAudience.map(EntraAudience::resource);
        }
        Optional<String> resource = CredentialReader.visibleText(field.get());
        if (resource.isPresent() && resource.get().endsWith(EntraAudience.DEFAULT_SCOPE)) {
            field.get().problem("`resource` is a scope", "remove /.default");
            return Optional.empty();
        }
        return resource;
    }

    private static Optional<Credential.ManagedIdentity.Identity> identity(Field field, SectionFields fields) {
        List<Field> given = new ArrayList<>();
        Section.MANAGED_IDENTITY.keys().stream().filter(IDENTITIES::containsKey).forEach(key -> fields.find(key)
                .ifPresent(given::add));
        if (given.size() > 1) {
            field.problem(
                    "both `" + given.get(0).name() + "` and `" + given.get(1).name() + "` are given",
                    "remove one of them");
        }
        return given.stream().findFirst().flatMap(idField -> CredentialReader.visibleText(idField)
                .map(value ->
                        new Credential.ManagedIdentity.Identity(IDENTITIES.getOrDefault(idField.name(), ""), value)));
    }

    /**
     * Returns the service that issues tokens. Order: the conf's {@code endpoint}, the service of App Service if its
     * variables are set, the service of virtual machines.
     */
    private static Optional<Credential.ManagedIdentity.Endpoint> endpoint(SectionFields fields) {
        Optional<Field> header = fields.variable("IDENTITY_HEADER");
        Optional<Field> url = fields.variable("IDENTITY_ENDPOINT");
        if (fields.find("endpoint").isEmpty() && header.isPresent() && url.isPresent()) {
            Optional<Secret> headerValue = header.get().text().map(Secret::new);
            return UrlReader.read(url.get(), IMDS.toString())
                    .flatMap(u -> headerValue.map(s -> new Credential.ManagedIdentity.Endpoint.AppService(u, s)));
        }
        return fields.findOrVariable("endpoint", "AZURE_POD_IDENTITY_AUTHORITY_HOST")
                .map(f -> UrlReader.read(f, IMDS.toString()))
                .orElse(Optional.of(IMDS))
                .map(Credential.ManagedIdentity.Endpoint.Imds::new);
    }
}
