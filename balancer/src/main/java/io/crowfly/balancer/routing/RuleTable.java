package io.crowfly.balancer.routing;

import io.crowfly.conf.Models;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.ClassForecast;
import io.crowfly.probes.forecast.RequestClass;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Table of the candidates of all requests under one rule. All are computed beforehand, for seen and unseen classes. A
 * look-up computes one hash, the model's, and allocates nothing. Immutable.
 *
 * <p>An unlisted model may match a listed prefix pattern such as {@code gpt-4o*}. The longest one decides which
 * backends serve the model, because any other matching prefix is also a prefix of that one.
 */
final class RuleTable {

    /** Key of all models that the conf does not list. No client can send this name. */
    static final String UNLISTED = "\0unlisted";

    private final Map<Api, ByModel> byApi = new EnumMap<>(Api.class);

    /**
     * Candidates of one operation, by model.
     *
     * @param listed candidates by listed or seen name
     * @param prefixes listed prefixes without their {@code *}, the longest first
     * @param byPrefix the candidates for each prefix
     * @param unlisted candidates of all other models
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
     * Candidates of one model, by node of body size.
     *
     * @param streamed for streamed responses
     * @param whole for other responses
     */
    private record BySize(Candidates[] streamed, Candidates[] whole) {}

    /**
     * @param seen candidates of classes that were seen, by node of body size, with all nodes filled
     * @param unseen candidates of other classes, by class with {@code streamed} false; for each operation at least
     *     {@link #UNLISTED}
     */
    RuleTable(Map<RequestClass, Candidates[]> seen, Map<RequestClass, Candidates> unseen) {
        for (Api api : Api.values()) {
            Candidates unlisted = unseen.get(new RequestClass(api, UNLISTED, false));
            Map<String, BySize> listed = new HashMap<>();
            unseen.forEach((requestClass, candidates) -> add(listed, api, requestClass, seen, candidates));
            List<String> prefixes = listed.keySet().stream()
                    .filter(Models::isPrefixPattern)
                    .sorted(Comparator.comparingInt(String::length).reversed())
                    .toList();
            seen.forEach((requestClass, bySize) -> add(listed, api, requestClass, seen, unlisted));
            byApi.put(
                    api,
                    new ByModel(
                            listed,
                            prefixes.stream().map(Models::prefix).toArray(String[]::new),
                            prefixes.stream().map(listed::get).toArray(BySize[]::new),
                            new BySize(everySize(unlisted), everySize(unlisted))));
        }
    }

    private static void add(
            Map<String, BySize> listed,
            Api api,
            RequestClass requestClass,
            Map<RequestClass, Candidates[]> seen,
            Candidates unseen) {
        if (requestClass.api() == api) {
            listed.computeIfAbsent(requestClass.model(), model -> candidatesBySize(api, model, seen, unseen));
        }
    }

    /**
     * Returns the candidates of one model. If only streamed or only whole responses were seen, their candidates are
     * used for both, because {@code stream} may not be read yet.
     */
    private static BySize candidatesBySize(
            Api api, String model, Map<RequestClass, Candidates[]> seen, Candidates unseen) {
        Candidates[] streamed = seen.get(new RequestClass(api, model, true));
        Candidates[] whole = seen.get(new RequestClass(api, model, false));
        if (streamed == null && whole == null) {
            streamed = everySize(unseen);
        }
        return new BySize(streamed != null ? streamed : whole, whole != null ? whole : streamed);
    }

    private static Candidates[] everySize(Candidates candidates) {
        Candidates[] bySize = new Candidates[ClassForecast.NODES];
        Arrays.fill(bySize, candidates);
        return bySize;
    }

    Candidates candidates(RequestClass requestClass, long bodyBytes) {
        ByModel byModel = byApi.get(requestClass.api());
        BySize bySize = byModel.forModel(requestClass.model());
        return (requestClass.streamed() ? bySize.streamed : bySize.whole)[ClassForecast.sizeNode(bodyBytes)];
    }
}
