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
 * Where requests go under one rule. Every answer is laid out beforehand, for classes that have been seen and for those that
 * have not, so that looking one up is a matter of one hash, the model's, and allocates nothing. Immutable.
 *
 * <p>A model that is not listed may have a beginning that is, {@code gpt-4o*}: the longest one tells which backends serve it,
 * since whatever else it begins with is a beginning of that one.
 */
final class RuleTable {

    /** Stands for every model that the conf does not list. No client can name it. */
    static final String UNLISTED = "\0unlisted";

    private final Map<Api, ByModel> byApi = new EnumMap<>(Api.class);

    /** @param prefixes without their {@code *}, the longest first; and what goes for each */
    private record ByModel(Map<String, BySize> listed, String[] prefixes, BySize[] byPrefix, BySize unlisted) {

        BySize forModel(String model) {
            BySize byKind = listed.get(model);
            for (int i = 0; byKind == null && i < prefixes.length; i++) {
                if (model.startsWith(prefixes[i])) {
                    byKind = byPrefix[i];
                }
            }
            return byKind == null ? unlisted : byKind;
        }
    }

    /** Of one model, by node of size. */
    private record BySize(Candidates[] streamed, Candidates[] whole) {}

    /**
     * @param seen by class and node of size, every node filled
     * @param unseen by class, not streamed: what goes for classes that have not been seen; for each operation at least that of
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

    /** Whether it is a stream may not have been read yet: what has been seen of the one goes for the other, too. */
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
        BySize byKind = byModel.forModel(requestClass.model());
        return (requestClass.streamed() ? byKind.streamed : byKind.whole)[ClassForecast.sizeNode(bodyBytes)];
    }
}
