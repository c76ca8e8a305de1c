package io.crowfly.balancer.metrics;

import io.crowfly.balancer.transport.DirectMemory;
import io.prometheus.client.Collector;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import java.util.List;

/** Metrics of the direct memory of the JVM. */
public final class MemoryCollector extends Collector {

    private final DirectMemory memory;

    public MemoryCollector(DirectMemory memory) {
        this.memory = memory;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        return List.of(
                new GaugeMetricFamily(
                        "crowfly_direct_memory_bytes",
                        "Direct memory in use, from which the buffers of all sockets come.",
                        memory.usedBytes()),
                new GaugeMetricFamily(
                        "crowfly_direct_memory_max_bytes",
                        "The maximum of the direct memory. Near it new requests are refused.",
                        memory.maxBytes()),
                new CounterMetricFamily(
                        "crowfly_direct_memory_failures_total",
                        "Connections closed because a read buffer could not be allocated.",
                        memory.failures()));
    }
}
