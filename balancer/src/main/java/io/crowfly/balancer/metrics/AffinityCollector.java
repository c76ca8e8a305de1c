package io.crowfly.balancer.metrics;

import io.crowfly.balancer.affinity.Affinity;
import io.prometheus.client.Collector;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import java.util.ArrayList;
import java.util.List;

/** Collector of the metrics about recorded owners of stored state and, if owners are shared, about Redis. */
public final class AffinityCollector extends Collector {

    private final Affinity affinity;

    public AffinityCollector(Affinity affinity) {
        this.affinity = affinity;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        List<MetricFamilySamples> families = new ArrayList<>();
        families.add(new GaugeMetricFamily(
                "crowfly_state_ids", "Ids whose owner this instance knows, approximate.", affinity.rememberedIds()));
        affinity.sharedOwners().ifPresent(shared -> {
            families.add(new GaugeMetricFamily(
                    "crowfly_state_redis_up", "1 if Redis responded a moment ago.", shared.reachable() ? 1 : 0));
            families.add(new CounterMetricFamily(
                            "crowfly_state_redis_lookups_total",
                            "Look-ups of ids in Redis, those included that failed because Redis was away.",
                            List.of("result"))
                    .addMetric(List.of("answered"), shared.completedLookups())
                    .addMetric(List.of("unanswered"), shared.failedLookups()));
            families.add(new CounterMetricFamily(
                    "crowfly_state_redis_writes_total",
                    "Ids written to Redis, repeated writes included.",
                    shared.writtenIds()));
            families.add(new CounterMetricFamily(
                    "crowfly_state_redis_lost_writes_total",
                    "Ids not written to Redis because too many were waiting while it was away.",
                    shared.droppedIds()));
        });
        return families;
    }
}
