package io.crowfly.balancer.routing;

import java.util.List;

/**
 * Backends that a kind of request may use.
 *
 * @param places their places in the conf
 * @param served whether any backend serves such requests, with or without the rule that restricts them
 */
record EligibleBackends(List<Integer> places, boolean served) {}
