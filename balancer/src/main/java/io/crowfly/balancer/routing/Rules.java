package io.crowfly.balancer.routing;

import io.crowfly.conf.BackendFilter;
import io.crowfly.conf.RequestCondition;
import io.crowfly.conf.Rule;
import io.crowfly.conf.value.Glob;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * Which of the conf's rules holds for a request. Immutable; loops use it freely. Matching allocates nothing, and without
 * rules it is one comparison.
 *
 * <p>A rule with a share is drawn for, once for each request that matches it and independently of every other draw: a share
 * is that of the requests which come as far as the rule. So ask once per request and keep the answer, or its retries would
 * draw again and could leave the rule.
 */
public final class Rules {

    /** No rule holds: the request may use every backend that serves its model. */
    public static final int NONE = -1;

    /** Which rule holds depends on a model that could not be read. */
    static final int UNDECIDED = -2;

    /** A request that names no model, for {@link #firstMatch}. */
    public static final String NO_MODEL = "";

    /** A request whose model could not be read, for {@link #firstMatch}: it may be any. */
    static final String UNREAD_MODEL = "\0unread";

    private final Matcher[] matchers;
    private final boolean needsModel;
    private final boolean usesPath;

    private Rules(List<Rule> rules) {
        matchers = rules.stream().map(Matcher::new).toArray(Matcher[]::new);
        needsModel = rules.stream().anyMatch(rule -> rule.condition().model().isPresent());
        usesPath = rules.stream().anyMatch(rule -> rule.condition().path().isPresent());
    }

    public static Rules of(List<Rule> rules) {
        return new Rules(rules);
    }

    /** Whether any rule looks at the model, so that it has to be known before {@link #firstMatch} can tell. */
    public boolean needsModel() {
        return needsModel;
    }

    /** Whether any rule looks at the path. */
    public boolean usesPath() {
        return usesPath;
    }

    /**
     * The index of the first rule that holds for the request, or {@link #NONE}. For a model that could not be read a rule
     * about models holds as well as any other; where it would be another rule for another model, and other backends,
     * {@link #UNDECIDED}.
     *
     * @param target the path in OpenAI's dialect, whichever the client speaks; a query behind it is not looked at
     * @param model in the client's words, or {@link #NO_MODEL}, which no rule about models matches
     * @param random drawn from only by rules with a share; need not be safe for several threads if the caller is on its own
     */
    public int firstMatch(String target, String model, HeaderMatcher headers, RandomGenerator random) {
        int first = NONE;
        for (int i = 0; i < matchers.length; i++) {
            Matcher matcher = matchers[i];
            if (matcher.matches(target, model, headers)
                    && (matcher.share >= 1 || random.nextDouble() < matcher.share)) {
                if (first != NONE && !matcher.only.equals(matchers[first].only)) {
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

    /** A rule with its headers as arrays, since walking a map would make an iterator for each request. */
    private static final class Matcher {

        private final RequestCondition when;
        private final BackendFilter only;
        private final double share;
        private final String[] headerNames;
        private final Glob[] headerValues;

        Matcher(Rule rule) {
            when = rule.condition();
            only = rule.filter();
            share = rule.share();
            Map<String, Glob> headers = new TreeMap<>(when.headers());
            headerNames = headers.keySet().toArray(String[]::new);
            headerValues = headers.values().toArray(Glob[]::new);
        }

        boolean matches(String target, String model, HeaderMatcher headers) {
            return matchesPath(target) && matchesModel(model) && matchesHeaders(headers);
        }

        boolean holdsForAllModels() {
            return when.model().isEmpty();
        }

        private boolean matchesPath(String target) {
            int query = target.indexOf('?');
            return when.path().isEmpty() || when.path().get().matches(target, query < 0 ? target.length() : query);
        }

        private boolean matchesModel(String model) {
            return when.model().isEmpty()
                    || model.equals(UNREAD_MODEL)
                    || !model.equals(NO_MODEL) && when.model().get().matches(model);
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
