package io.crowfly.conf;

/**
 * One of {@code routing.rules}: limits the backends that matching requests may use. The first rule that applies to a
 * request decides.
 *
 * @param name unique among the rules; {@code rules[0]} and so on if the file gives none
 * @param filter the allowed backends; {@link BackendFilter#NOTHING} for a rule that refuses
 * @param share share of the matching requests to which the rule applies, above 0, at most 1; the next rules decide for
 *     the rest
 */
public record Rule(String name, RequestCondition condition, BackendFilter filter, double share) {

    /** Returns whether the requests to which the rule applies are refused ({@code refuse: true}). */
    public boolean refuses() {
        return filter.equals(BackendFilter.NOTHING);
    }
}
