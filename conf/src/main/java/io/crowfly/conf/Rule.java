package io.crowfly.conf;

/**
 * One of {@code routing.rules}: what the requests that it is about may use at all. The first rule that matches holds.
 *
 * @param name unique among the rules; {@code rules[0]} and so on where none is given
 * @param share of the requests that match {@code when}, those that the rule holds for, above 0, at most 1; the others go on
 *     to the next rule
 */
public record Rule(String name, When when, Only only, double share) {}
