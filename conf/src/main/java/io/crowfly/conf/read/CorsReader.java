package io.crowfly.conf.read;

import io.crowfly.conf.Cors;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.Section;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reader of {@code listeners[].cors}: {@code {origins: …}}, or only the origins, which are a list or {@code "*"}. An
 * origin must be written as browsers send it, because it is compared as text.
 */
final class CorsReader {

    /** Scheme, host and port. Apps in web views have schemes of their own, for example {@code capacitor}. */
    private static final Pattern ORIGIN =
            Pattern.compile("([a-z][a-z0-9+.-]*)://(\\[[0-9a-f:.]+]|[a-z0-9_.-]+)(:[0-9]{1,5})?");

    private static final Pattern WITH_MORE = Pattern.compile("([^/]+://[^/?#]+)[/?#].*");

    private CorsReader() {}

    static Optional<Cors> read(Field field) {
        if (field.isMapping()) {
            return field.fields(Section.CORS)
                    .require("origins", "add `origins: [https://chat.contoso.com]`, for example")
                    .flatMap(CorsReader::origins);
        }
        return origins(field);
    }

    private static Optional<Cors> origins(Field field) {
        if (field.rawTextEquals(Cors.ANY)) {
            return Optional.of(new Cors(true, Set.of()));
        }
        List<Field> items = field.items();
        if (items.size() == 1 && items.get(0).rawTextEquals(Cors.ANY)) {
            return Optional.of(new Cors(true, Set.of()));
        }
        Set<String> origins = new LinkedHashSet<>();
        items.forEach(item -> origin(item).ifPresent(origins::add));
        return origins.isEmpty() ? Optional.empty() : Optional.of(new Cors(false, origins));
    }

    private static Optional<String> origin(Field item) {
        Optional<String> text = item.text();
        if (text.isEmpty()) {
            return Optional.empty();
        }
        // Browsers send the scheme and the host in lower case.
        String origin = text.get().toLowerCase(Locale.ROOT);
        Matcher parts = ORIGIN.matcher(origin);
        Matcher withMore = WITH_MORE.matcher(origin);
        if (origin.equals(Cors.ANY)) {
            item.problem("`*` allows every origin, so the others have no effect", "write only `\"*\"`, or remove it");
        } else if (origin.indexOf('*') >= 0) {
            item.problem(item.quoted() + " is a pattern, and origins are compared as text", "list each origin");
        } else if (withMore.matches()) {
            item.problem(
                    item.quoted() + " has a path, and the origin that browsers send has none",
                    "write `" + withMore.group(1) + "`");
        } else if (!parts.matches()) {
            item.problem(
                    item.quoted() + " is not an origin: scheme, host, and the port if it is not the default one",
                    "write `https://chat.contoso.com`, for example");
        } else if (isDefaultPort(parts.group(1), parts.group(3))) {
            item.problem(
                    item.quoted() + " has the default port of its scheme, which browsers leave out",
                    "write `" + origin.substring(0, origin.lastIndexOf(':')) + "`");
        } else {
            return Optional.of(origin);
        }
        return Optional.empty();
    }

    private static boolean isDefaultPort(String scheme, String port) {
        return scheme.equals("https") && ":443".equals(port) || scheme.equals("http") && ":80".equals(port);
    }
}
