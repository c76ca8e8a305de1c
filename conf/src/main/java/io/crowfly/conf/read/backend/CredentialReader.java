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

/** {@code backends[].credential}. No problem told here ever quotes a value. */
final class CredentialReader {

    private static final Set<String> AZURE_ONLY = Set.of("entra", "managed-identity");
    private static final Set<String> GOOGLE_ONLY =
            Set.of("service-account", "metadata-server", "workload-identity-federation");

    private CredentialReader() {}

    /** @param provider empty if it has a problem of its own, as is {@code url}; then nothing is told that may only follow from it */
    static Credential read(Field field, Optional<Provider> provider, Optional<URI> url) {
        SectionFields fields = field.fields(Section.CREDENTIAL);
        List<Field> given = new ArrayList<>();
        Section.CREDENTIAL.keys().forEach(key -> fields.find(key).ifPresent(given::add));
        if (given.size() > 1) {
            field.problem(
                    "both `" + given.get(0).name() + "` and `" + given.get(1).name() + "` are given",
                    "keep the one that the endpoint asks for");
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
                kind.keyProblem("Google takes no `api-key`", "use `bearer`");
            } else if (AZURE_ONLY.contains(kind.name())) {
                kind.keyProblem(
                        "`" + kind.name() + "` is Azure's, and this provider is not",
                        "use `service-account`, `metadata-server`, `workload-identity-federation` or `bearer`");
            }
        } else if (provider instanceof Provider.Azure && GOOGLE_ONLY.contains(kind.name())) {
            kind.keyProblem(
                    "`" + kind.name() + "` is Google's, and this provider is not",
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
            field.problem(
                    "`passthrough` is false", "remove `credential`: then nothing is shown, the client's own neither");
        }
        return flag.filter(on -> on).map(on -> new Credential.Passthrough());
    }

    private static Optional<SecretSource> headerSecret(Field field) {
        return field.secret(text -> isVisible(
                field, text, "which a header can't carry", "give the bare key or token, without quotes or `Bearer`"));
    }

    /** A text that names something: it goes into a URL or a form. */
    static Optional<String> visibleText(Field field) {
        return field.text().filter(text -> isVisible(field, text, "and is one word", "write it without them"));
    }

    private static boolean isVisible(Field field, String text, String why, String mend) {
        // Anything beyond visible ASCII would split a header, or be refused by the endpoint.
        boolean visible = text.chars().allMatch(c -> c > ' ' && c < 0x7f);
        if (!visible) {
            field.problem("`" + field.name() + "` holds a space or a character beyond ASCII, " + why, mend);
        }
        return visible;
    }
}
