package io.crowfly.balancer.metrics;

import io.crowfly.balancer.attempt.Snapshot;
import io.crowfly.balancer.attempt.Upstream;
import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.balancer.credential.CredentialStatus;
import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import java.util.List;
import java.util.function.Supplier;

/**
 * Collector of the metrics about each backend's credential: presence, expiry, failures. They show a failing renewal
 * long before a request fails.
 */
public final class CredentialCollector extends Collector {

    private static final List<String> LABELS = List.of("backend", "provider");

    private final Supplier<Snapshot> snapshot;

    public CredentialCollector(Supplier<Snapshot> snapshot) {
        this.snapshot = snapshot;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        GaugeMetricFamily ok = new GaugeMetricFamily(
                "crowfly_credential_ok", "1 while there is a credential to attach, or none is needed.", LABELS);
        GaugeMetricFamily expiry = new GaugeMetricFamily(
                "crowfly_credential_expiry_timestamp_seconds",
                "When the current credential expires; absent if it does not expire or there is none.",
                LABELS);
        GaugeMetricFamily failures =
                new GaugeMetricFamily("crowfly_credential_failures", "Failures in a row to get a credential.", LABELS);
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
