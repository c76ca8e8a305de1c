package io.crowfly.balancer.provider;

import io.crowfly.conf.value.Glob;
import java.util.List;
import java.util.Locale;

/**
 * Rule for the headers, or for the query parameters, that one backend receives from clients. Immutable.
 *
 * <p>A name that {@linkplain CredentialNames may be one of a credential} passes only if it is listed. A pattern of the
 * conf such as {@code x-*} does not pass it, because the author of the pattern may not have thought of credentials.
 */
final class NameFilter {

    private final NameSet listed;
    private final boolean unlistedPass;
    private final List<Glob> patterns;

    private NameFilter(NameSet names, boolean unlistedPass, List<Glob> passedByConf) {
        listed = names.with(
                passedByConf.stream().filter(Glob::isExact).map(Glob::pattern).toList());
        this.unlistedPass = unlistedPass;
        patterns = passedByConf.stream().filter(glob -> !glob.isExact()).toList();
    }

    /** Returns a filter that passes these names only. @param passedByConf names and patterns that pass as well */
    static NameFilter passingOnly(NameSet names, List<Glob> passedByConf) {
        return new NameFilter(names, false, passedByConf);
    }

    /**
     * Returns a filter that passes all names but those of credentials.
     *
     * @param usual names that most requests have: they pass without a closer look
     * @param passedByConf names of credentials that pass as well
     */
    static NameFilter withholdingCredentials(NameSet usual, List<Glob> passedByConf) {
        return new NameFilter(usual, true, passedByConf);
    }

    /** Returns whether a header of this name passes. Allocates nothing if the name is listed. */
    boolean passes(CharSequence name) {
        return listed.contains(name) || passesUnlisted(name, name);
    }

    /** Returns whether a query parameter passes. @param name decoded; {@code include[]} is listed as {@code include} */
    boolean passesParameter(String name) {
        CharSequence base = Query.withoutIndex(name);
        return listed.contains(base) || passesUnlisted(name, base);
    }

    private boolean passesUnlisted(CharSequence name, CharSequence base) {
        return (unlistedPass || matchesPattern(base)) && !CredentialNames.contains(name);
    }

    private boolean matchesPattern(CharSequence name) {
        if (patterns.isEmpty()) {
            return false;
        }
        String lowerCase = name.toString().toLowerCase(Locale.ROOT);
        return patterns.stream().anyMatch(glob -> glob.matches(lowerCase));
    }
}
