package io.crowfly.conf;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code backends[].url}. */
final class UrlReader {

    /** The host of one Google location. */
    private static final Pattern GOOGLE_REGIONAL_HOST = Pattern.compile("([a-z0-9-]+)-aiplatform\\.googleapis\\.com");

    private static final String FORM = "write scheme and host, as https://contoso.openai.azure.com";

    private UrlReader() {}

    /** Scheme and host in lower case, the path without a slash at its end: equal endpoints get equal URLs. */
    static Optional<URI> read(Field field) {
        return field.text().flatMap(text -> parse(field, text)).flatMap(uri -> check(field, uri));
    }

    private static Optional<URI> parse(Field field, String text) {
        try {
            return Optional.of(new URI(text));
        } catch (URISyntaxException e) {
            // Not quoted, here and below: it may hold a password, or a key as its query.
            field.problem("`url` is not a URL", FORM);
            return Optional.empty();
        }
    }

    private static Optional<URI> check(Field field, URI uri) {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            field.problem("`url` is neither http:// nor https://", FORM);
        } else if (uri.getRawUserInfo() != null) {
            field.problem("`url` holds a user name or password", "remove it, and use `credential`");
        } else if (uri.getHost() == null) {
            field.problem("`url` has no valid host", FORM);
        } else if (uri.getPort() == 0 || uri.getPort() > 65535) {
            field.problem(
                    "port " + uri.getPort() + " of `url` is out of range",
                    "write 1 to 65535, or none for the usual one");
        } else if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
            field.problem("`url` has a query or a fragment", "remove what follows `?` or `#`");
        } else if (!uri.toASCIIString().equals(uri.toString())
                || !uri.normalize().toString().equals(uri.toString())) {
            field.problem(
                    "the path of `url` has empty or dotted segments, or characters beyond ASCII", "write it plain");
        } else {
            String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
            String path = uri.getRawPath().replaceFirst("/$", "");
            return Optional.of(URI.create(scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port + path));
        }
        return Optional.empty();
    }

    /** What a provider adds to the path by itself may not be in the URL as well. */
    static void checkFor(Provider provider, URI url, Field field) {
        String path = url.getRawPath();
        if (provider instanceof Provider.Azure && path.matches(".*/openai(/v1|/deployments.*)?")) {
            field.problem("`url` has the path that Crowfly adds for Azure", "leave /openai and what follows away");
        } else if (provider instanceof Provider.OpenAi && path.endsWith("/v1")) {
            field.problem("`url` ends with /v1, which every request's path begins with already", "leave /v1 away");
        } else if (provider instanceof Provider.Google google) {
            if (path.matches(".*/v1(beta1)?(/.*)?")) {
                field.problem(
                        "`url` has the path that Crowfly makes of `project` and `location`",
                        "leave /v1 and what follows away");
            }
            Matcher regional = GOOGLE_REGIONAL_HOST.matcher(url.getHost());
            if (regional.matches() && !regional.group(1).equals(google.location())) {
                field.problem(
                        "`url` is the host of location " + regional.group(1) + ", and `location` is another",
                        "make both the same");
            }
        }
    }
}
