package io.crowfly.balancer.routing;

import io.crowfly.conf.BackendFilter;
import io.crowfly.conf.RequestCondition;
import io.crowfly.conf.Rule;
import io.crowfly.conf.value.Glob;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * The conf's routing rules, matched against requests: finds the first rule that applies. Immutable; shared by all event
 * loops. Matching allocates nothing, and without rules it is one comparison.
 *
 * <p>A rule with a share applies to a random part of the matching requests that no earlier rule has taken. Match once
 * per request and keep the result, because another draw at a retry could move the request out of the rule.
 */
public final class Rules {

    /** Result if no rule matches: the request may use every backend that serves its model. */
    public static final int NONE = -1;

    /** Result if the matching rule depends on a model that could not be read. */
    static final int UNDECIDED = -2;

    /** Model argument of {@link #firstMatch} for a request that names no model. */
    public static final String NO_MODEL = "";

    /**
     * Model argument of {@link #firstMatch} for a request whose model could not be read, so that it may be any model.
     */
    static final String UNREAD_MODEL = "\0unread";

    /** JavaScript treats it as a space. */
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final Matcher[] matchers;
    private final boolean needsModel;
    private final boolean usesPath;
    private final List<String> headerNames;

    private Rules(List<Rule> rules) {
        matchers = rules.stream().map(Matcher::new).toArray(Matcher[]::new);
        needsModel = rules.stream().anyMatch(rule -> rule.condition().model().isPresent());
        usesPath = rules.stream().anyMatch(rule -> rule.condition().path().isPresent());
        headerNames = rules.stream()
                .flatMap(rule -> rule.condition().headers().keySet().stream())
                .distinct()
                .sorted()
                .toList();
    }

    public static Rules of(List<Rule> rules) {
        return new Rules(rules);
    }

    /** Returns whether any rule depends on the model, so that {@link #firstMatch} needs the model. */
    public boolean needsModel() {
        return needsModel;
    }

    /** Returns whether any rule depends on the path. */
    public boolean usesPath() {
        return usesPath;
    }

    /**
     * Returns whether any rule matches the path in one case of its letters and not in another. Many servers ignore
     * case in paths, so such a path may reach an operation that the rule is about.
     */
    public boolean pathDependsOnCase(String path) {
        String lowerCase = path.toLowerCase(Locale.ROOT);
        for (Matcher matcher : matchers) {
            if (matcher.dependsOnCase(path, lowerCase)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns whether a rule matches the model only in one case of its letters, or only without spaces around it. Some
     * servers ignore both, so they would serve a model that the rule is about. Other conditions of rules are ignored.
     */
    public boolean modelDependsOnSpelling(String model) {
        if (!needsModel) {
            return false;
        }
        String folded = folded(model);
        for (Matcher matcher : matchers) {
            boolean matches = matcher.matchesModel(model);
            if (matches != matcher.matchesFoldedModel(folded)) {
                return true;
            } else if (matches && matcher.dependsOnModelAtMost()) {
                return false;
            }
        }
        return false;
    }

    /** Returns the name as the least exact servers compare names. Allocates nothing for a name in lower case. */
    private static String folded(String model) {
        for (int i = 0; i < model.length(); i++) {
            char c = model.charAt(i);
            if (c <= ' ' || c > '~' || c >= 'A' && c <= 'Z') {
                // Some letters, such as the long s, are equal to others only in upper case.
                return withoutSpacesAround(model).toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
            }
        }
        return model;
    }

    private static String withoutSpacesAround(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isSpace(text.charAt(from))) {
            from++;
        }
        while (from < to && isSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    /** Returns whether any language removes the character when it trims a text. */
    private static boolean isSpace(char c) {
        return c <= ' ' || Character.isWhitespace(c) || Character.isSpaceChar(c) || c == BYTE_ORDER_MARK;
    }

    /** Returns the names of the headers that rules look at, in lower case. */
    List<String> headerNames() {
        return headerNames;
    }

    /**
     * Returns the index of the first rule that applies to the request, or {@link #NONE}. A model that could not be read
     * matches every rule about models. The result is {@link #UNDECIDED} if rules with different backends could match,
     * depending on the model.
     *
     * @param target the path in OpenAI's form, whichever form the client uses; a query is ignored
     * @param model the client's name of the model, or {@link #NO_MODEL}, which no rule about models matches
     * @param random used only by rules with a share; need not be thread-safe
     */
    public int firstMatch(String target, String model, HeaderMatcher headers, RandomGenerator random) {
        int first = NONE;
        for (int i = 0; i < matchers.length; i++) {
            Matcher matcher = matchers[i];
            if (matcher.matches(target, model, headers)
                    && (matcher.share >= 1 || random.nextDouble() < matcher.share)) {
                if (first != NONE && !matcher.filter.equals(matchers[first].filter)) {
                    return UNDECIDED;
                }
                first = first == NONE ? i : first;
                if (!model.equals(UNREAD_MODEL) || matcher.holdsForAllModels()) {
                    return first;
                }
            }
        }
        return first;
    }

    /** One rule. Its headers are arrays, because iterating a map would allocate for each request. */
    private static final class Matcher {

        private final RequestCondition condition;
        private final BackendFilter filter;
        private final double share;
        private final Optional<Glob> lowerCasePath;
        private final Optional<Glob> foldedModel;
        private final String[] headerNames;
        private final Glob[] headerValues;

        Matcher(Rule rule) {
            condition = rule.condition();
            filter = rule.filter();
            share = rule.share();
            lowerCasePath = condition.path().map(glob -> new Glob(glob.pattern().toLowerCase(Locale.ROOT)));
            foldedModel = condition.model().map(glob -> new Glob(folded(glob.pattern())));
            Map<String, Glob> headers = new TreeMap<>(condition.headers());
            headerNames = headers.keySet().toArray(String[]::new);
            headerValues = headers.values().toArray(Glob[]::new);
        }

        boolean matches(String target, String model, HeaderMatcher headers) {
            return matchesPath(target) && matchesModel(model) && matchesHeaders(headers);
        }

        boolean dependsOnCase(String path, String lowerCase) {
            return condition.path().isPresent()
                    && condition.path().get().matches(path)
                            != lowerCasePath.get().matches(lowerCase);
        }

        boolean matchesFoldedModel(String folded) {
            return foldedModel.isEmpty()
                    || !folded.equals(NO_MODEL) && foldedModel.get().matches(folded);
        }

        /** Returns whether the rule applies to every request of a model that matches. */
        boolean dependsOnModelAtMost() {
            return condition.path().isEmpty() && headerNames.length == 0 && share >= 1;
        }

        boolean holdsForAllModels() {
            return condition.model().isEmpty();
        }

        private boolean matchesPath(String target) {
            if (condition.path().isEmpty()) {
                return true;
            }
            int query = target.indexOf('?');
            return condition.path().get().matches(target, query < 0 ? target.length() : query);
        }

        private boolean matchesModel(String model) {
            return condition.model().isEmpty()
                    || model.equals(UNREAD_MODEL)
                    || !model.equals(NO_MODEL) && condition.model().get().matches(model);
        }

        private boolean matchesHeaders(HeaderMatcher headers) {
            for (int i = 0; i < headerNames.length; i++) {
                if (!headers.anyMatches(headerNames[i], headerValues[i])) {
                    return false;
                }
            }
            return true;
        }
    }
}
