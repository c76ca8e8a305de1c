package io.crowfly.conf.read.backend;

import io.crowfly.conf.Credential;
import io.crowfly.conf.read.field.CredentialFileReader;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.Section;
import io.crowfly.conf.read.field.SectionFields;
import io.crowfly.conf.read.field.UrlReader;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reader of the three kinds of {@code credential} with Google tokens: service account, metadata server, and workload
 * identity federation.
 */
final class GoogleCredentialReader {

    private static final List<String> SCOPES = List.of("https://www.googleapis.com/auth/cloud-platform");

    private static final String METADATA_SERVER = "http://metadata.google.internal";
    private static final URI STS = URI.create("https://sts.googleapis.com/v1/token");
    private static final String JWT = "urn:ietf:params:oauth:token-type:jwt";

    /**
     * Allowed form of an account: {@code default} or the address of a service account. No slash, because the account
     * becomes a segment of a URL's path.
     */
    private static final Pattern ACCOUNT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.@-]*");

    private static final String ACCOUNT_FORM = "write its address, for example edge@contoso.iam.gserviceaccount.com";

    private GoogleCredentialReader() {}

    /** Reads {@code credential.service-account}: a file's name, or a mapping with the file and more keys. */
    static Optional<Credential> serviceAccount(Field field) {
        if (!field.isMapping()) {
            return ServiceAccountFileReader.read(field).map(file -> new Credential.ServiceAccount(file, false, SCOPES));
        }
        SectionFields fields = field.fields(Section.SERVICE_ACCOUNT);
        Optional<Path> file = fields.require("file", "add the JSON key file of the service account")
                .flatMap(ServiceAccountFileReader::read);
        boolean selfSigned = fields.find("self-signed").flatMap(Field::flag).orElse(false);
        List<String> scopes = scopes(fields);
        return file.map(f -> new Credential.ServiceAccount(f, selfSigned, scopes));
    }

    static Optional<Credential> metadataServer(Field field) {
        SectionFields fields = field.fields(Section.METADATA_SERVER);
        Optional<URI> host = fields.findOrVariable("host", "GCE_METADATA_HOST")
                .map(GoogleCredentialReader::host)
                .orElse(Optional.of(URI.create(METADATA_SERVER)));
        String account =
                fields.find("account").flatMap(GoogleCredentialReader::account).orElse("default");
        List<String> scopes = scopes(fields);
        return host.map(h -> new Credential.MetadataServer(h, account, scopes));
    }

    /**
     * Reads the URL of the metadata server. Adds a missing scheme, because {@code GCE_METADATA_HOST}, the variable of
     * Google's own libraries, has none.
     */
    private static Optional<URI> host(Field field) {
        return field.text()
                .flatMap(
                        text -> UrlReader.read(field, text.contains("://") ? text : "http://" + text, METADATA_SERVER));
    }

    private static Optional<String> account(Field field) {
        Optional<String> text = field.text();
        if (text.isPresent() && !ACCOUNT.matcher(text.get()).matches()) {
            field.problem("`" + field.name() + "` is not a service account", ACCOUNT_FORM);
            return Optional.empty();
        }
        return text;
    }

    static Optional<Credential> federation(Field field) {
        SectionFields fields = field.fields(Section.WORKLOAD_IDENTITY_FEDERATION);
        Optional<String> audience = fields.require(
                        "audience", "add the full name of the provider, //iam.googleapis.com/projects/…/providers/…")
                .flatMap(CredentialReader::visibleText);
        Optional<Path> token = fields.require("subject-token-file", "add the file that holds the token to exchange")
                .flatMap(CredentialFileReader::token);
        Optional<String> type = fields.find("subject-token-type")
                .map(CredentialReader::visibleText)
                .orElse(Optional.of(JWT));
        Optional<URI> sts =
                fields.find("sts").map(f -> UrlReader.read(f, STS.toString())).orElse(Optional.of(STS));
        Optional<URI> impersonation = fields.find("impersonate").flatMap(GoogleCredentialReader::impersonation);
        List<String> scopes = scopes(fields);
        if (audience.isEmpty() || token.isEmpty() || type.isEmpty() || sts.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Credential.WorkloadIdentityFederation(
                audience.get(), token.get(), type.get(), sts.get(), impersonation, scopes));
    }

    /** Reads {@code impersonate}: the address of a service account, or the whole URL that issues its tokens. */
    private static Optional<URI> impersonation(Field field) {
        String url = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/%s:generateAccessToken";
        return field.text()
                .flatMap(text -> text.contains("://")
                        ? UrlReader.read(field, text, String.format(url, "…"))
                        : account(field).map(account -> URI.create(String.format(url, account))));
    }

    private static List<String> scopes(SectionFields fields) {
        return fields.find("scopes")
                .map(field -> field.items().stream()
                        .map(CredentialReader::visibleText)
                        .flatMap(Optional::stream)
                        .toList())
                .orElse(SCOPES);
    }
}
