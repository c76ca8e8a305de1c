package io.crowfly.balancer.metrics;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

/**
 * Label {@code region}, which is added to every metric sample when Prometheus reads the metrics, also to the JVM's
 * samples. So counting needs no such label, and a reload may change the region. Omits simpleclient's {@code _created}
 * samples, which would double the series without use.
 */
record RegionLabel(String region) {

    private static final String NAME = "region";

    Enumeration<MetricFamilySamples> addTo(Enumeration<MetricFamilySamples> families) {
        List<MetricFamilySamples> labelled = new ArrayList<>();
        while (families.hasMoreElements()) {
            MetricFamilySamples family = families.nextElement();
            List<Sample> samples = new ArrayList<>(family.samples.size());
            for (Sample sample : family.samples) {
                if (!sample.name.endsWith("_created")) {
                    samples.add(region.isEmpty() ? sample : addTo(sample));
                }
            }
            labelled.add(new MetricFamilySamples(family.name, family.unit, family.type, family.help, samples));
        }
        return Collections.enumeration(labelled);
    }

    private Sample addTo(Sample sample) {
        List<String> names = new ArrayList<>(sample.labelNames);
        List<String> values = new ArrayList<>(sample.labelValues);
        names.add(NAME);
        values.add(region);
        return new Sample(sample.name, names, values, sample.value, sample.exemplar, sample.timestampMs);
    }
}
