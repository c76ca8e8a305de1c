package io.crowfly.balancer.prober;

import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.balancer.upstream.BackendUpstream;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Probe;
import io.crowfly.probes.ProbeResult;
import io.crowfly.probes.Prober;
import io.crowfly.probes.forecast.ProbeTimes;
import io.netty.channel.EventLoop;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Sender of probes of every kind, over the upstream of the probed backend: same connections, dialect and credential as
 * requests.
 */
public final class UpstreamProber implements Prober {

    private final EventLoop loop;
    private final int loopNumber;
    private final Function<Backend, Optional<BackendUpstream>> upstreams;

    /**
     * @param loop the control loop
     * @param loopNumber number of the control loop among the loops of the upstreams
     * @param upstreams returns the upstream of a backend; may be called on any thread
     */
    public UpstreamProber(EventLoop loop, int loopNumber, Function<Backend, Optional<BackendUpstream>> upstreams) {
        this.loop = loop;
        this.loopNumber = loopNumber;
        this.upstreams = upstreams;
    }

    @Override
    public void probe(Backend backend, Consumer<ProbeResult> whenDone) {
        Optional<BackendUpstream> upstream = upstreams.apply(backend);
        if (upstream.isEmpty()) {
            whenDone.accept(new ProbeResult.Failure("removed from the conf"));
            return;
        }
        loop.execute(() -> start(upstream.get(), backend.probe(), whenDone));
    }

    private void start(BackendUpstream upstream, Probe probe, Consumer<ProbeResult> whenDone) {
        Probe.Kind kind = probe.kind();
        boolean sendsRequest = kind instanceof Probe.Kind.Http || kind instanceof Probe.Kind.Inference;
        if (sendsRequest && upstream.credential().current() instanceof AttachedCredential.Missing missing) {
            whenDone.accept(new ProbeResult.Failure("no credential: " + missing.reason()));
            return;
        }
        if (kind instanceof Probe.Kind.Http http) {
            new HttpProbe(loop, upstream, probe, ProbeRequest.httpRequest(upstream, http), whenDone).start(loopNumber);
        } else if (kind instanceof Probe.Kind.Inference inference) {
            new HttpProbe(loop, upstream, probe, ProbeRequest.inferenceRequest(upstream, inference), whenDone)
                    .start(loopNumber);
        } else {
            boolean tls = kind instanceof Probe.Kind.Tls;
            upstream.connectOnly(
                    loopNumber,
                    tls,
                    probe.timeout(),
                    times -> whenDone.accept(new ProbeResult.Success(new ProbeTimes(
                            times.connectNanos(), tls ? times.tlsNanos() : ProbeTimes.ABSENT, ProbeTimes.ABSENT))),
                    failure -> whenDone.accept(new ProbeResult.Failure(failure.reason())));
        }
    }
}
