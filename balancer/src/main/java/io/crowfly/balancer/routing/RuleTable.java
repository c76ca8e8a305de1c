package io.crowfly.balancer.routing;

import io.crowfly.conf.Models;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.ClassForecast;
import io.crowfly.probes.forecast.RequestClass;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Table of the plans of all requests under one rule, each plan by its number. There is one for each seen and unseen
 * class. A look-up computes one hash, the model's, and allocates nothing. Immutable.
 *
 * <p>An unlisted model may match a listed prefix pattern such as {@code gpt-4o*}. The longest one decides which
 * backends serve the model, because any other matching prefix is also a prefix of that one.
 */
final class RuleTable {

    /** Key of all models that the conf does not list. No client can send this name. */
    static final String UNLISTED = "\0unlisted";

    /** By {@linkplain Api#ordinal operation}. */
    private final ByModel[] byApi = new ByModel[Api.values().length];

    /**
     * Plans of one operation, by model.
     *
     * @param listed plans by listed or seen name
     * @param prefixes listed prefixes without their {@code *}, the longest first
     * @param byPrefix the plans for each prefix
     * @param unlisted plans of all other models
     */
    private record ByModel(Map<String, BySize> listed, String[] prefixes, BySize[] byPrefix, BySize unlisted) {

        BySize forModel(String model) {
            BySize bySize = listed.get(model);
            for (int i = 0; bySize == null && i < prefixes.length; i++) {
                if (model.startsWith(prefixes[i])) {
                    bySize = byPrefix[i];
                }
            }
            return bySize == null ? unlisted : bySize;
        }
    }

    /**
     * Plans of one model, by node of body size.
     *
     * @param streamed for streamed responses
     * @param whole for other responses
     */
    private record BySize(int[] streamed, int[] whole) {}

    /**
     * @param seen plans of classes that were seen, by node of body size
     * @param unseen plans of other classes, by class with {@code streamed} false; for each operation at least
     *     {@link #UNLISTED}
     */
    RuleTable(Map<RequestClass, int[]> seen, Map<RequestClass, Integer> unseen) {
        for (Api api : Api.values()) {
            int unlisted = unseen.get(new RequestClass(api, UNLISTED, false));
            Map<String, BySize> listed = new HashMap<>();
            unseen.forEach((requestClass, plan) -> add(listed, api, requestClass, seen, plan));
            List<String> prefixes = listed.keySet().stream()
                    .filter(Models::isPrefixPattern)
                    .sorted(Comparator.comparingInt(String::length).reversed())
                    .toList();
            seen.forEach((requestClass, bySize) -> add(listed, api, requestClass, seen, unlisted));
            byApi[api.ordinal()] = new ByModel(
                    listed,
                    prefixes.stream().map(Models::prefix).toArray(String[]::new),
                    prefixes.stream().map(listed::get).toArray(BySize[]::new),
                    new BySize(everySize(unlisted), everySize(unlisted)));
        }
    }

    private static void add(
            Map<String, BySize> listed, Api api, RequestClass requestClass, Map<RequestClass, int[]> seen, int unseen) {
        if (requestClass.api() == api) {
            listed.computeIfAbsent(requestClass.model(), model -> plansBySize(api, model, seen, unseen));
        }
    }

    /**
     * Returns the plans of one model. If only streamed or only whole responses were seen, their plans are used for
     * both, because {@code stream} may not be read yet.
     */
    private static BySize plansBySize(Api api, String model, Map<RequestClass, int[]> seen, int unseen) {
        int[] streamed = seen.get(new RequestClass(api, model, true));
        int[] whole = seen.get(new RequestClass(api, model, false));
        if (streamed == null && whole == null) {
            streamed = everySize(unseen);
        }
        return new BySize(streamed != null ? streamed : whole, whole != null ? whole : streamed);
    }

    private static int[] everySize(int plan) {
        int[] bySize = new int[ClassForecast.NODES];
        Arrays.fill(bySize, plan);
        return bySize;
    }

    /** Returns the number of the plan of a request. */
    int plan(RequestClass requestClass, long bodyBytes) {
        ByModel byModel = byApi[requestClass.api().ordinal()];
        BySize bySize = byModel.forModel(requestClass.model());
        return (requestClass.streamed() ? bySize.streamed : bySize.whole)[ClassForecast.sizeNode(bodyBytes)];
    }
}
