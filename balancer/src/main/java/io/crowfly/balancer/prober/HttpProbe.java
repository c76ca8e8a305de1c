package io.crowfly.balancer.prober;

import io.crowfly.balancer.attempt.UpstreamEvents;
import io.crowfly.balancer.attempt.UpstreamFailure;
import io.crowfly.balancer.attempt.UpstreamStream;
import io.crowfly.balancer.content.response.EventScanner;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.upstream.BackendUpstream;
import io.crowfly.conf.Probe;
import io.crowfly.probes.ProbeResult;
import io.crowfly.probes.forecast.ProbeTimes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/*
 * A probe reads its response to the end even if its result is already known, so that its connection can be used again.
 * The next probe then measures the backend over a warm connection, as a request would.
 */

/**
 * One probe that sends an HTTP or inference request, measures the response, and passes on the result. Confined to the
 * control loop.
 */
final class HttpProbe implements UpstreamEvents {

    /** The backend refuses the credential, which all its models share. */
    private static final int UNAUTHORIZED = 401;

    private final EventLoop loop;
    private final BackendUpstream upstream;
    private final Probe probe;
    private final ProbeRequest request;
    private final Consumer<ProbeResult> whenDone;
    private final EventScanner events = new EventScanner();

    private int loopNumber;
    private @Nullable UpstreamStream stream;
    private @Nullable Future<?> timeoutTask;
    private boolean done;
    private boolean responseStarted;
    private int status;
    private long sentNanos;
    private long firstByteOrTokenNanos;

    HttpProbe(
            EventLoop loop,
            BackendUpstream upstream,
            Probe probe,
            ProbeRequest request,
            Consumer<ProbeResult> whenDone) {
        this.loop = loop;
        this.upstream = upstream;
        this.probe = probe;
        this.request = request;
        this.whenDone = whenDone;
    }

    void start(int number) {
        loopNumber = number;
        timeoutTask = loop.schedule(this::onTimeout, probe.timeout().toNanos(), TimeUnit.NANOSECONDS);
        upstream.open(number, !request.reuseConnection(), this);
    }

    private void onTimeout() {
        finish(failure("timed out after " + probe.timeout().toMillis() + "ms", stream != null));
        if (stream != null) {
            stream.cancel();
        }
    }

    /** @param connected whether there was a connection, so that the model of an inference probe may be the cause */
    private ProbeResult failure(String reason, boolean connected) {
        return new ProbeResult.Failure(
                reason, connected && request.awaitsToken() ? ProbeResult.Cause.MODEL : ProbeResult.Cause.BACKEND);
    }

    private void finish(ProbeResult result) {
        if (!done) {
            done = true;
            timeoutTask.cancel(false);
            whenDone.accept(result);
        }
    }

    @Override
    public void onOpen(UpstreamStream opened) {
        stream = opened;
        if (done) {
            opened.cancel();
            return;
        }
        sentNanos = System.nanoTime();
        opened.sendHead(request.head());
        if (request.body().length > 0) {
            opened.sendBody(Unpooled.wrappedBuffer(request.body()));
        }
        opened.sendEnd(EmptyHttpHeaders.INSTANCE);
        opened.flush();
    }

    @Override
    public void onSent() {}

    @Override
    public void onInterim(ResponseHead head) {}

    @Override
    public void onHead(ResponseHead head) {
        responseStarted = true;
        status = head.status();
        firstByteOrTokenNanos = System.nanoTime();
    }

    @Override
    public void onBody(ByteBuf data) {
        if (request.awaitsToken()) {
            if (!events.firstTokenSeen()) {
                firstByteOrTokenNanos = System.nanoTime();
            }
            // The whole stream is scanned, because an error may follow the token.
            events.scan(data);
        }
        data.release();
    }

    @Override
    public void onEnd(HttpHeaders trailers) {
        if (!request.expectedStatuses().contains(status)) {
            finish(
                    status == UNAUTHORIZED
                            ? new ProbeResult.Failure("status 401", ProbeResult.Cause.CREDENTIAL)
                            : failure("status " + status, true));
        } else if (request.awaitsToken() && (events.errorEvent() || !events.firstTokenSeen())) {
            finish(failure(events.errorEvent() ? "an error in the stream" : "no token in the response", true));
        } else {
            boolean reused = stream.reused();
            finish(new ProbeResult.Success(new ProbeTimes(
                    reused ? ProbeTimes.ABSENT : stream.connectNanos(),
                    reused || stream.tlsNanos() == 0 ? ProbeTimes.ABSENT : stream.tlsNanos(),
                    firstByteOrTokenNanos - sentNanos)));
        }
        stream = null;
    }

    @Override
    public void onReadComplete() {}

    @Override
    public void onWritabilityChanged() {}

    @Override
    public void onFailure(UpstreamFailure failure) {
        boolean connected = stream != null;
        boolean idleConnectionClosed = connected && stream.reused() && !responseStarted;
        stream = null;
        if (idleConnectionClosed && !done) {
            // The backend had closed an idle connection, which says nothing about its health. So the probe is repeated
            // over a new one.
            upstream.open(loopNumber, true, this);
        } else {
            finish(failure(failure.reason(), connected));
        }
    }
}
