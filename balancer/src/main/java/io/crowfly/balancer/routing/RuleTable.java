package io.crowfly.balancer.routing;

import io.crowfly.conf.Models;
import io.crowfly.probes.Api;
import io.crowfly.probes.ClassOutlook;
import io.crowfly.probes.RequestClass;
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

    /** @param beginnings without their {@code *}, the longest first; and what goes for each */
    private record ByModel(Map<String, ByKind> listed, String[] beginnings, ByKind[] begun, ByKind unlisted) {

        ByKind of(String model) {
            ByKind byKind = listed.get(model);
            for (int i = 0; byKind == null && i < beginnings.length; i++) {
                if (model.startsWith(beginnings[i])) {
                    byKind = begun[i];
                }
            }
            return byKind == null ? unlisted : byKind;
        }
    }

    /** Of one model, by node of size. */
    private record ByKind(Candidates[] streamed, Candidates[] whole) {}

    /**
     * @param seen by class and node of size, every node filled
     * @param unseen by class, not streamed: what goes for classes that have not been seen; for each operation at least that of
     *     {@link #UNLISTED}
     */
    RuleTable(Map<RequestClass, Candidates[]> seen, Map<RequestClass, Candidates> unseen) {
        for (Api api : Api.values()) {
            Candidates otherwise = unseen.get(new RequestClass(api, UNLISTED, false));
            Map<String, ByKind> listed = new HashMap<>();
            unseen.forEach((requestClass, candidates) -> add(listed, api, requestClass, seen, candidates));
            List<String> beginnings = listed.keySet().stream()
                    .filter(Models::isBeginning)
                    .sorted(Comparator.comparingInt(String::length).reversed())
                    .toList();
            seen.forEach((requestClass, bySize) -> add(listed, api, requestClass, seen, otherwise));
            byApi.put(
                    api,
                    new ByModel(
                            listed,
                            beginnings.stream().map(Models::beginning).toArray(String[]::new),
                            beginnings.stream().map(listed::get).toArray(ByKind[]::new),
                            new ByKind(everySize(otherwise), everySize(otherwise))));
        }
    }

    private static void add(
            Map<String, ByKind> listed,
            Api api,
            RequestClass requestClass,
            Map<RequestClass, Candidates[]> seen,
            Candidates unseen) {
        if (requestClass.api() == api) {
            listed.computeIfAbsent(requestClass.model(), model -> byKind(api, model, seen, unseen));
        }
    }

    /** Whether it is a stream may not have been read yet: what has been seen of the one goes for the other, too. */
    private static ByKind byKind(Api api, String model, Map<RequestClass, Candidates[]> seen, Candidates unseen) {
        Candidates[] streamed = seen.get(new RequestClass(api, model, true));
        Candidates[] whole = seen.get(new RequestClass(api, model, false));
        if (streamed == null && whole == null) {
            streamed = everySize(unseen);
        }
        return new ByKind(streamed != null ? streamed : whole, whole != null ? whole : streamed);
    }

    private static Candidates[] everySize(Candidates candidates) {
        Candidates[] bySize = new Candidates[ClassOutlook.NODES];
        Arrays.fill(bySize, candidates);
        return bySize;
    }

    Candidates candidates(RequestClass requestClass, long bytes) {
        ByModel byModel = byApi.get(requestClass.api());
        ByKind byKind = byModel.of(requestClass.model());
        return (requestClass.streamed() ? byKind.streamed : byKind.whole)[ClassOutlook.node(bytes)];
    }
}
