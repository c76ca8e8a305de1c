package io.crowfly.conf.read.backend;

import io.crowfly.conf.BackendHeaders;
import io.crowfly.conf.Provider;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.HeaderNameRules;
import io.crowfly.conf.read.field.Section;
import io.crowfly.conf.read.field.SectionFields;
import io.crowfly.conf.value.Glob;
import io.crowfly.conf.value.SecretSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reader of {@code backends[].headers}. Values may be secrets, so no problem message quotes a value. */
final class BackendHeadersReader {

    /**
     * Maximum number of headers in {@code set} at Azure. Azure responds with 431 to more than ten such headers, and
     * {@code x-request-id} is always one of them.
     */
    private static final int MAX_AT_AZURE = 9;

    private BackendHeadersReader() {}

    static BackendHeaders read(Field field, Optional<Provider> provider) {
        SectionFields fields = field.fields(Section.HEADERS);
        Map<String, SecretSource> set =
                fields.find("set").map(BackendHeadersReader::set).orElse(Map.of());
        if (set.size() > MAX_AT_AZURE && provider.isPresent() && provider.get() instanceof Provider.Azure) {
            field.problem(
                    "`set` has " + set.size() + " headers, and Azure accepts at most " + MAX_AT_AZURE
                            + " in addition to x-request-id",
                    "remove some");
        }
        return new BackendHeaders(
                set, fields.find("pass").map(BackendHeadersReader::pass).orElse(List.of()));
    }

    private static Map<String, SecretSource> set(Field field) {
        if (field.isEmptyMapping()) {
            field.problem("`set` is empty", "add `x-project: abc`, for example, or remove it");
        }
        Map<String, SecretSource> set = new LinkedHashMap<>();
        for (Field entry : field.entries()) {
            String name = entry.name().toLowerCase(Locale.ROOT);
            if (!HeaderNameRules.TOKEN.matcher(name).matches() || name.indexOf('*') >= 0) {
                entry.keyProblem(
                        entry.quotedName() + " is not a valid name of a header", "write x-project, for example");
            } else if (HeaderNameRules.SET_BY_CREDENTIAL.contains(name)) {
                entry.keyProblem("header " + entry.quotedName() + " carries the credential", "use `credential`");
            } else if (HeaderNameRules.CONNECTION.contains(name)) {
                entry.keyProblem("header " + entry.quotedName() + " is set by Crowfly", "remove it");
            } else if (set.containsKey(name)) {
                entry.keyProblem("header " + entry.quotedName() + " was given before", "remove one of them");
            } else {
                entry.secret(value -> isValue(entry, value)).ifPresent(value -> set.put(name, value));
            }
        }
        return set;
    }

    private static boolean isValue(Field entry, String value) {
        boolean visible = value.strip().equals(value) && value.chars().allMatch(c -> c >= ' ' && c < 0x7f);
        if (!visible) {
            entry.problem(
                    "the value of header " + entry.quotedName()
                            + " contains a character beyond visible ASCII, or begins or ends with a space",
                    "remove it");
        }
        return visible;
    }

    private static List<Glob> pass(Field field) {
        List<Glob> pass = new ArrayList<>();
        for (Field item : field.items()) {
            String name = item.text().orElse("").toLowerCase(Locale.ROOT);
            if (name.isEmpty()) {
                continue;
            }
            if (!HeaderNameRules.TOKEN.matcher(name).matches()) {
                item.problem(item.quoted() + " is not a valid name of a header", "write traceparent or x-stainless-*");
            } else if (HeaderNameRules.CLIENT_CREDENTIALS.contains(name)) {
                item.problem(
                        "header " + item.quoted() + " carries the client's credential",
                        "use `credential: {passthrough: true}`");
            } else if (HeaderNameRules.CONNECTION.contains(name)) {
                item.problem("header " + item.quoted() + " belongs to one connection", "remove it");
            } else {
                pass.add(new Glob(name));
            }
        }
        return pass;
    }
}
