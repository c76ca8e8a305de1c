package io.crowfly.balancer.metrics;

import io.crowfly.balancer.attempt.Snapshot;
import io.crowfly.balancer.attempt.Upstream;
import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.balancer.credential.CredentialStatus;
import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import java.util.List;
import java.util.function.Supplier;

/** How the getting of each backend's credential fares, which shows there long before a request does. */
public final class CredentialCollector extends Collector {

    private static final List<String> LABELS = List.of("backend", "provider");

    private final Supplier<Snapshot> snapshot;

    public CredentialCollector(Supplier<Snapshot> snapshot) {
        this.snapshot = snapshot;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        GaugeMetricFamily ok = new GaugeMetricFamily(
                "crowfly_credential_ok",
                "1 while there is a credential to show, or the backend is shown none.",
                LABELS);
        GaugeMetricFamily expiry = new GaugeMetricFamily(
                "crowfly_credential_expiry_timestamp_seconds",
                "When what the backend is shown ceases to be good; absent where it does not expire, or there is none.",
                LABELS);
        GaugeMetricFamily failures = new GaugeMetricFamily(
                "crowfly_credential_failures", "Failures in a row of the latest attempts to get a credential.", LABELS);
        for (Upstream upstream : snapshot.get().upstreams()) {
            List<String> labels = List.of(
                    upstream.backend().name(), upstream.backend().provider().label());
            ok.addMetric(labels, upstream.credential().current() instanceof AttachedCredential.Missing ? 0 : 1);
            CredentialStatus status = upstream.credential().status();
            status.expires().ifPresent(expires -> expiry.addMetric(labels, expires.getEpochSecond()));
            failures.addMetric(labels, status.failures());
        }
        return List.of(ok, expiry, failures);
    }
}
