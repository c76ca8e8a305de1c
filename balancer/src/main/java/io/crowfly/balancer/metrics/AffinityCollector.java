package io.crowfly.balancer.metrics;

import io.crowfly.balancer.affinity.Affinity;
import io.prometheus.client.Collector;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import java.util.ArrayList;
import java.util.List;

/** What is known of where things are kept, and how Redis fares where it is shared. */
public final class AffinityCollector extends Collector {

    private final Affinity affinity;

    public AffinityCollector(Affinity affinity) {
        this.affinity = affinity;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        List<MetricFamilySamples> families = new ArrayList<>();
        families.add(new GaugeMetricFamily(
                "crowfly_state_ids",
                "Ids of which this instance remembers the backend that keeps what they stand for, about.",
                affinity.rememberedIds()));
        affinity.sharedOwners().ifPresent(shared -> {
            families.add(new GaugeMetricFamily(
                    "crowfly_state_redis_up", "1 if Redis has answered a moment ago.", shared.reachable() ? 1 : 0));
            families.add(new CounterMetricFamily(
                            "crowfly_state_redis_lookups_total",
                            "Ids that Redis was asked for, or was to be while it was away.",
                            List.of("result"))
                    .addMetric(List.of("answered"), shared.completedLookups())
                    .addMetric(List.of("unanswered"), shared.failedLookups()));
            families.add(new CounterMetricFamily(
                    "crowfly_state_redis_writes_total",
                    "Ids that Redis was told, those that it was told again included.",
                    shared.writtenIds()));
            families.add(new CounterMetricFamily(
                    "crowfly_state_redis_lost_writes_total",
                    "Ids that Redis was not told, having been away for too many of them.",
                    shared.droppedIds()));
        });
        return families;
    }
}
