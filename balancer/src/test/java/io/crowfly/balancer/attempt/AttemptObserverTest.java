package io.crowfly.balancer.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.affinity.Affinity;
import io.crowfly.balancer.affinity.Owners;
import io.crowfly.balancer.content.response.ReportedError;
import io.crowfly.balancer.message.HeldMemory;
import io.crowfly.balancer.message.Request;
import io.crowfly.balancer.message.RequestHead;
import io.crowfly.balancer.message.ResponseHead;
import io.crowfly.balancer.transport.DirectMemory;
import io.crowfly.conf.Backend;
import io.crowfly.conf.State;
import io.crowfly.conf.read.ConfReader;
import io.crowfly.conf.read.ConfResult;
import io.crowfly.probes.Observation;
import io.crowfly.probes.Observation.FirstToken;
import io.crowfly.probes.Observation.Overdue;
import io.crowfly.probes.Observation.StreamCompleted;
import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.Prediction;
import io.crowfly.probes.forecast.Prediction.Basis;
import io.crowfly.probes.forecast.ProbeTimes;
import io.crowfly.probes.forecast.RequestClass;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Observations of one attempt, event by event. */
class AttemptObserverTest {

    private static final String BODY = "{\"model\":\"m\",\"stream\":true}";
    private static final RequestClass CHAT = new RequestClass(Api.CHAT_COMPLETIONS, "m", true);
    private static final String FILTER = "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n";
    private static final String ROLE =
            "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
    private static final String TOKEN = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n";
    private static final String DONE = "data: [DONE]\n\n";

    @TempDir
    private Path directory = Path.of("");

    private final List<Observation> seen = new ArrayList<>();
    private final Owners owners = new Affinity().prepare(State.DEFAULT).owners();
    private Backend backend = null;

    @BeforeEach
    void makeBackend() throws Exception {
        Path file = Files.writeString(directory.resolve("crowfly.yaml"), """
                listeners: [{name: public, bind: "127.0.0.1:0"}]
                backends: [{name: a, provider: openai, url: "http://127.0.0.1:1"}]
                """);
        backend = ((ConfResult.Valid) new ConfReader(Map.of()).read(file))
                .conf()
                .backends()
                .get(0);
    }

    private AttemptObserver sent(String target, Prediction prediction) {
        RequestHead head = new RequestHead(HttpMethod.POST, "http", "h", target, headers(), BODY.length(), false);
        Request request = new Request(head, "id", new HeldMemory(DirectMemory.ofJvm()));
        withBytes(BODY, request::onBody);
        AttemptObserver observer = new AttemptObserver(request, backend, prediction, seen::add, owners, true);
        observer.onHeadSent(7, System.nanoTime());
        observer.onSent();
        return observer;
    }

    private AttemptObserver sent() {
        return sent("/v1/chat/completions", Prediction.UNKNOWN);
    }

    private static HttpHeaders headers(String... namesAndValues) {
        HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.set(namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers;
    }

    private static ResponseHead stream(String... more) {
        return new ResponseHead(200, headers(more).set("content-type", "text/event-stream; charset=utf-8"));
    }

    private static void withBytes(String text, Consumer<ByteBuf> use) {
        ByteBuf data = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
        use.accept(data);
        assertThat(data.refCnt()).isEqualTo(1);
        data.release();
    }

    private static void receive(AttemptObserver observer, String... parts) {
        for (String part : parts) {
            withBytes(part, observer::onBody);
        }
    }

    @Test
    void anEventWithoutContentIsNotTheFirstToken() {
        AttemptObserver observer = sent();
        observer.onResponseHead(stream("openai-processing-ms", "0"));
        receive(observer, FILTER, ROLE, TOKEN.substring(0, 20));
        assertThat(seen).isEmpty();
        receive(observer, TOKEN.substring(20));
        assertThat(seen).singleElement().isInstanceOfSatisfying(FirstToken.class, first -> {
            assertThat(first.requestClass()).isEqualTo(CHAT);
            assertThat(first.requestBytes()).isEqualTo(BODY.length());
            assertThat(first.sinceSentNanos()).isNotNegative();
            assertThat(first.transitNanos()).isBetween(0L, first.sinceSentNanos());
            assertThat(first.inFlight()).isEqualTo(7);
            assertThat(first.overdueNanos()).isEqualTo(ProbeTimes.ABSENT);
            assertThat(first.wasOverdue()).isFalse();
        });
        assertThat(observer.isTokenSeen()).isTrue();
    }

    @Test
    void aProcessingTimeLongerThanTheResponseTookLeavesNoTransit() {
        AttemptObserver observer = sent();
        observer.onResponseHead(stream("openai-processing-ms", "3600000"));
        receive(observer, TOKEN);
        assertThat(seen).singleElement().isInstanceOfSatisfying(FirstToken.class, first -> assertThat(
                        first.transitNanos())
                .isZero());
    }

    @Test
    void theFirstByteOfACompressedStreamCountsAsItsFirstToken() {
        AttemptObserver observer = sent();
        observer.onResponseHead(stream("content-encoding", "gzip"));
        assertThat(seen).isEmpty();
        receive(observer, "\u001f\u008b", "more");
        assertThat(seen).singleElement().isInstanceOf(FirstToken.class);
        assertThat(observer.isTokenSeen()).isFalse();
    }

    @Test
    void theHeadCountsAsFirstTokenIfTheResponseIsNotATokenStream() {
        sent().onResponseHead(new ResponseHead(200, headers("content-type", "application/json")));
        sent("/v1/audio/transcriptions", Prediction.UNKNOWN).onResponseHead(stream());
        assertThat(seen).hasSize(2).allMatch(FirstToken.class::isInstance);
    }

    @Test
    void anErrorIsNotReportedAsLatency() {
        sent().onResponseHead(new ResponseHead(400, headers()));
        assertThat(seen).isEmpty();
    }

    @Test
    void reportsTheTimeBetweenTokensOfACompletedStream() {
        AttemptObserver observer = sent();
        observer.onResponseHead(stream());
        receive(observer, TOKEN, TOKEN + TOKEN, TOKEN, DONE);
        observer.onEnd();
        assertThat(seen).hasSize(2).last().isInstanceOfSatisfying(StreamCompleted.class, streamed -> {
            assertThat(streamed.tokens()).isEqualTo(3);
            assertThat(streamed.nanos()).isNotNegative();
        });
        assertThat(observer.isTruncated()).isFalse();
    }

    @Test
    void aStreamWithoutItsLastEventIsTruncatedAndReportsNoTokenTime() {
        AttemptObserver observer = sent();
        observer.onResponseHead(stream());
        receive(observer, TOKEN, TOKEN);
        observer.onEnd();
        assertThat(seen).singleElement().isInstanceOf(FirstToken.class);
        assertThat(observer.isTruncated()).isTrue();
    }

    @Test
    void anErrorEventInsteadOfTheFirstTokenIsReadForItsOutcome() {
        AttemptObserver observer = sent();
        observer.onResponseHead(stream());
        receive(observer, "data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\"}}\n\n");
        assertThat(observer.errorBeforeToken()).isEqualTo(new ReportedError("", "", "server_error"));
        observer.onEnd();
        assertThat(seen).isEmpty();
    }

    @Test
    void isOverdueAgainOnlyAfterHalfAsLongMoreAndOnlyUntilTheFirstToken() {
        // A millisecond, hardly spread.
        Prediction quick = new Prediction(Basis.LIVE, 0, Math.log(1e6), 0.1, 0.1, ProbeTimes.ABSENT);
        AttemptObserver observer = sent("/v1/chat/completions", quick);
        long now = System.nanoTime();
        observer.onTick(now + TimeUnit.SECONDS.toNanos(1));
        observer.onTick(now + TimeUnit.MILLISECONDS.toNanos(1400));
        assertThat(seen).singleElement().isInstanceOfSatisfying(Overdue.class, overdue -> assertThat(overdue.repeated())
                .isFalse());
        observer.onTick(now + TimeUnit.SECONDS.toNanos(10));
        assertThat(seen).hasSize(2).last().isInstanceOfSatisfying(Overdue.class, overdue -> assertThat(
                        overdue.repeated())
                .isTrue());
        seen.remove(0);
        observer.onResponseHead(stream());
        receive(observer, TOKEN);
        assertThat(seen).hasSize(2).last().isInstanceOfSatisfying(FirstToken.class, first -> assertThat(
                        first.wasOverdue())
                .isTrue());

        AttemptObserver responded = sent("/v1/chat/completions", quick);
        responded.onResponseHead(stream());
        receive(responded, TOKEN);
        responded.onTick(now + TimeUnit.SECONDS.toNanos(1));
        assertThat(seen).hasSize(3);
    }

    @Test
    void withoutAPredictionNothingIsOverdue() {
        sent().onTick(System.nanoTime() + TimeUnit.HOURS.toNanos(1));
        assertThat(seen).isEmpty();
    }

    @Test
    void reportsAQuotaWhenLittleOfItIsLeft() {
        for (String remaining : List.of("20", "19", "0")) {
            sent().onResponseHead(new ResponseHead(
                    200, headers("x-ratelimit-limit-tokens", "100", "x-ratelimit-remaining-tokens", remaining)));
        }
        assertThat(seen.stream().filter(Observation.Quota.class::isInstance)).hasSize(2);
    }

    @Test
    void a429IsNotAFailureAndItsHintIsReported() {
        assertThat(sent().onThrottled(headers("retry-after-ms", "350"))).isEqualTo(350_000_000);
        assertThat(sent().onThrottled(headers())).isEqualTo(ProbeTimes.ABSENT);
        assertThat(seen).hasSize(2).allMatch(Observation.Throttled.class::isInstance);
    }
}
