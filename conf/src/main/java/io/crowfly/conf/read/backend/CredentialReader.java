package io.crowfly.conf.read.backend;

import io.crowfly.conf.Credential;
import io.crowfly.conf.Provider;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.Section;
import io.crowfly.conf.read.field.SectionFields;
import io.crowfly.conf.value.SecretSource;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reader of {@code backends[].credential}, which checks that the kind fits the provider. No problem message here quotes
 * a value, because the value may be a secret.
 */
final class CredentialReader {

    private static final Set<String> AZURE_ONLY = Set.of("entra", "managed-identity");
    private static final Set<String> GOOGLE_ONLY =
            Set.of("service-account", "metadata-server", "workload-identity-federation");

    private CredentialReader() {}

    /**
     * Returns the credential, or {@link Credential.None} after a problem.
     *
     * @param provider empty if the provider has a problem; then the kind is not checked against the provider
     * @param url empty if the url has a problem; then the default audience of a token is not derived from the url
     */
    static Credential read(Field field, Optional<Provider> provider, Optional<URI> url) {
        SectionFields fields = field.fields(Section.CREDENTIAL);
        List<Field> given = new ArrayList<>();
        Section.CREDENTIAL.keys().forEach(key -> fields.find(key).ifPresent(given::add));
        if (given.size() > 1) {
            field.problem(
                    "both `" + given.get(0).name() + "` and `" + given.get(1).name() + "` are given",
                    "keep the one that the endpoint requires");
        } else if (field.isEmptyMapping()) {
            field.problem("`credential` is empty", "write {api-key: \"${env:NAME}\"} or {bearer: \"${env:NAME}\"}");
        }
        Credential credential = new Credential.None();
        for (Field kind : given) {
            provider.ifPresent(known -> checkProvider(known, kind));
            credential = readKind(kind, provider, url).orElse(credential);
        }
        return credential;
    }

    private static void checkProvider(Provider provider, Field kind) {
        if (provider.label().equals("google")) {
            if (kind.name().equals("api-key")) {
                kind.keyProblem("Google accepts no `api-key`", "use `bearer`");
            } else if (AZURE_ONLY.contains(kind.name())) {
                kind.keyProblem(
                        "`" + kind.name() + "` is not for `provider: google`",
                        "use `service-account`, `metadata-server`, `workload-identity-federation` or `bearer`");
            }
        } else if (provider instanceof Provider.Azure && GOOGLE_ONLY.contains(kind.name())) {
            kind.keyProblem(
                    "`" + kind.name() + "` is not for `provider: azure`",
                    "use `entra`, `managed-identity` or `api-key`");
        }
    }

    private static Optional<Credential> readKind(Field kind, Optional<Provider> provider, Optional<URI> url) {
        return switch (kind.name()) {
            case "api-key" -> headerSecret(kind).map(Credential.ApiKey::new);
            case "bearer" -> headerSecret(kind).map(Credential.Bearer::new);
            case "entra" -> AzureCredentialReader.entra(kind, EntraAudience.forBackend(provider, url));
            case "managed-identity" ->
                AzureCredentialReader.managedIdentity(kind, EntraAudience.forBackend(provider, url));
            case "service-account" -> GoogleCredentialReader.serviceAccount(kind);
            case "metadata-server" -> GoogleCredentialReader.metadataServer(kind);
            case "workload-identity-federation" -> GoogleCredentialReader.federation(kind);
            default -> passthrough(kind);
        };
    }

    private static Optional<Credential> passthrough(Field field) {
        Optional<Boolean> flag = field.flag();
        if (flag.isPresent() && !flag.get()) {
            field.problem("`passthrough` is false", "remove `credential`, so that requests carry no credential");
        }
        return flag.filter(on -> on).map(on -> new Credential.Passthrough());
    }

    private static Optional<SecretSource> headerSecret(Field field) {
        return field.secret(text -> isVisible(
                field, text, "which a header can't carry", "write only the key or token, without quotes or `Bearer`"));
    }

    /** Returns a text that a URL or a form can carry: visible ASCII without spaces. */
    static Optional<String> visibleText(Field field) {
        return field.text().filter(text -> isVisible(field, text, "which is not allowed here", "remove it"));
    }

    private static boolean isVisible(Field field, String text, String why, String mend) {
        // A line break would split a header, and endpoints refuse spaces and characters beyond ASCII.
        boolean visible = text.chars().allMatch(c -> c > ' ' && c < 0x7f);
        if (!visible) {
            field.problem("`" + field.name() + "` contains a space or a character beyond ASCII, " + why, mend);
        }
        return visible;
    }
}
