package io.crowfly.conf.read.field;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/** Reader and check of {@code http} and {@code https} URLs in the conf. */
public final class UrlReader {

    private UrlReader() {}

    /**
     * Reads the URL of a backend. Scheme and host become lower case and a slash at the end is removed, so that equal
     * endpoints have equal URLs.
     */
    public static Optional<URI> read(Field field) {
        return read(field, "https://contoso.openai.azure.com");
    }

    /**
     * Reads a URL.
     *
     * @param example a correct URL, for messages
     */
    public static Optional<URI> read(Field field, String example) {
        return field.text().flatMap(text -> read(field, text, example));
    }

    /**
     * Reads a URL from a text.
     *
     * @param text the text of the field, or a text derived from it
     * @param example a correct URL, for messages
     */
    public static Optional<URI> read(Field field, String text, String example) {
        String form = "write scheme and host, for example " + example;
        try {
            return check(field, new URI(text), form);
        } catch (URISyntaxException e) {
            // No message of this class quotes the URL, because it may contain a password, or a key in its query.
            field.problem(field.quotedName() + " is not a URL", form);
            return Optional.empty();
        }
    }

    private static Optional<URI> check(Field field, URI uri, String form) {
        String name = field.quotedName();
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            field.problem(name + " is neither http:// nor https://", form);
        } else if (uri.getRawUserInfo() != null) {
            field.problem(name + " contains a user name or password", "remove it, and use `credential`");
        } else if (uri.getHost() == null) {
            field.problem(name + " has no valid host", form);
        } else if (uri.getPort() == 0 || uri.getPort() > 65535) {
            field.problem(
                    "port " + uri.getPort() + " of " + name + " is out of range",
                    "write 1 to 65535, or no port for the default one");
        } else if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
            field.problem(name + " has a query or a fragment", "remove what follows `?` or `#`");
        } else if (!uri.toASCIIString().equals(uri.toString())
                || !uri.normalize().toString().equals(uri.toString())) {
            field.problem(
                    "the path of " + name + " has empty or dotted segments, or characters beyond ASCII", "remove them");
        } else {
            String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
            String path = uri.getRawPath().replaceFirst("/$", "");
            return Optional.of(URI.create(scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port + path));
        }
        return Optional.empty();
    }
}
