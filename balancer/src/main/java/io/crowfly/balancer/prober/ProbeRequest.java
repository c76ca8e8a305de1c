package io.crowfly.balancer.prober;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.crowfly.balancer.message.RequestHead;
import io.crowfly.balancer.provider.ClientTarget;
import io.crowfly.balancer.provider.Dialect;
import io.crowfly.balancer.upstream.BackendUpstream;
import io.crowfly.conf.Probe;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * Request of one HTTP or inference probe, and the statuses that count as a success.
 *
 * @param body empty for none; must not be changed
 * @param awaitsToken whether the time to the first token is measured, not the time to the first byte
 */
record ProbeRequest(
        RequestHead head, byte[] body, Set<Integer> expectedStatuses, boolean awaitsToken, boolean reuseConnection) {

    private static ProbeRequest request(
            BackendUpstream upstream,
            HttpMethod method,
            String target,
            byte[] body,
            Set<Integer> expectedStatuses,
            boolean awaitsToken,
            boolean reuseConnection) {
        HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        headers.set(HttpHeaderNames.USER_AGENT, "crowfly-probe");
        headers.set(HttpHeaderNames.ACCEPT, "*/*");
        if (body.length > 0) {
            headers.set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
            headers.setInt(HttpHeaderNames.CONTENT_LENGTH, body.length);
        }
        if (!reuseConnection) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        upstream.dialect().prepareHeaders(headers, upstream.credential().current());
        RequestHead head = new RequestHead(
                method,
                upstream.backend().tls() ? "https" : "http",
                upstream.dialect().authority(),
                target,
                headers,
                body.length,
                false);
        return new ProbeRequest(head, body, expectedStatuses, awaitsToken, reuseConnection);
    }

    static ProbeRequest httpRequest(BackendUpstream upstream, Probe.Kind.Http http) {
        return request(
                upstream, HttpMethod.GET, http.path(), new byte[0], http.expect(), false, http.reuseConnection());
    }

    /**
     * Returns a request for a chat completion with one prompt token and one response token, because backends charge for
     * each token.
     */
    static ProbeRequest inferenceRequest(BackendUpstream upstream, Probe.Kind.Inference inference) {
        String model =
                upstream.backend().models().backendName(inference.model()).orElse(inference.model());
        String quoted = String.valueOf(JsonStringEncoder.getInstance().quoteAsString(model));
        String json = "{\"model\":\"" + quoted + "\",\"messages\":[{\"role\":\"user\",\"content\":\"1\"}],"
                + "\"max_tokens\":1,\"stream\":true}";
        return request(
                upstream,
                HttpMethod.POST,
                upstream.dialect().target(ClientTarget.parse(Dialect.CHAT_COMPLETIONS), model),
                json.getBytes(StandardCharsets.UTF_8),
                Set.of(200),
                true,
                inference.reuseConnection());
    }
}
