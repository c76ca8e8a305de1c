package io.crowfly.balancer.routing;

import io.crowfly.conf.Glob;
import io.crowfly.conf.Rule;
import io.crowfly.conf.When;
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

    /** A request that names no model, for {@link #first}. */
    public static final String NO_MODEL = "";

    private final Matcher[] matchers;
    private final boolean needsModel;

    private Rules(Matcher[] matchers) {
        this.matchers = matchers;
        boolean needed = false;
        for (Matcher matcher : matchers) {
            needed |= matcher.model.length > 0;
        }
        needsModel = needed;
    }

    public static Rules of(List<Rule> rules) {
        return new Rules(rules.stream().map(Matcher::new).toArray(Matcher[]::new));
    }

    /** Whether any rule looks at the model, so that it has to be known before {@link #first} can tell. */
    public boolean needsModel() {
        return needsModel;
    }

    /**
     * The index of the first rule that holds for the request, or {@link #NONE}.
     *
     * @param target the path as the client sent it; a query behind it is not looked at
     * @param model in the client's words, or {@link #NO_MODEL}, which no rule about models matches
     * @param random drawn from only by rules with a share; need not be safe for several threads if the caller is on its own
     */
    public int first(String target, String model, RequestHeaders headers, RandomGenerator random) {
        for (int i = 0; i < matchers.length; i++) {
            Matcher matcher = matchers[i];
            if (matcher.matches(target, model, headers)
                    && (matcher.share >= 1 || random.nextDouble() < matcher.share)) {
                return i;
            }
        }
        return NONE;
    }

    /** A rule's {@link When} as arrays: neither an Optional to open nor an iterator to make for a request. */
    private static final class Matcher {

        /** None or one, as the next. */
        private final Glob[] path;

        private final Glob[] model;
        private final String[] headerNames;
        private final Glob[] headerValues;
        private final double share;

        Matcher(Rule rule) {
            When when = rule.when();
            Map<String, Glob> headers = new TreeMap<>(when.headers());
            path = when.path().stream().toArray(Glob[]::new);
            model = when.model().stream().toArray(Glob[]::new);
            headerNames = headers.keySet().toArray(String[]::new);
            headerValues = headers.values().toArray(Glob[]::new);
            share = rule.share();
        }

        boolean matches(String target, String requested, RequestHeaders headers) {
            for (Glob glob : path) {
                if (!glob.matches(target, pathLength(target))) {
                    return false;
                }
            }
            for (Glob glob : model) {
                if (requested.isEmpty() || !glob.matches(requested)) {
                    return false;
                }
            }
            for (int i = 0; i < headerNames.length; i++) {
                if (!headers.anyMatches(headerNames[i], headerValues[i])) {
                    return false;
                }
            }
            return true;
        }

        private static int pathLength(String target) {
            int query = target.indexOf('?');
            return query < 0 ? target.length() : query;
        }
    }
}
