package io.crowfly.balancer.routing;

import io.crowfly.probes.Api;
import io.crowfly.probes.ClassOutlook;
import io.crowfly.probes.RequestClass;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * Where requests go under one rule. Every answer is laid out beforehand, for classes that have been seen and for those that
 * have not, so that looking one up is a matter of one hash, the model's, and allocates nothing. Immutable.
 */
final class RuleTable {

    /** Stands for every model that the conf does not list. No client can name it. */
    static final String UNLISTED = "\0unlisted";

    private final Map<Api, ByModel> byApi = new EnumMap<>(Api.class);

    private record ByModel(Map<String, ByKind> listed, ByKind unlisted) {}

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
            seen.forEach((requestClass, bySize) -> add(listed, api, requestClass, seen, otherwise));
            byApi.put(api, new ByModel(listed, new ByKind(everySize(otherwise), everySize(otherwise))));
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
        ByKind byKind = byModel.listed.get(requestClass.model());
        if (byKind == null) {
            byKind = byModel.unlisted;
        }
        return (requestClass.streamed() ? byKind.streamed : byKind.whole)[ClassOutlook.node(bytes)];
    }
}
