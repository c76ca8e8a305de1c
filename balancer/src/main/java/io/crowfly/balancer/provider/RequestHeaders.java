package io.crowfly.balancer.provider;

import io.crowfly.balancer.credential.AttachedCredential;
import io.crowfly.conf.Backend;
import io.crowfly.conf.value.Glob;
import io.crowfly.conf.value.Secret;
import io.crowfly.conf.value.SecretSource;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** Rules for the request headers that one backend receives. Immutable. */
final class RequestHeaders {

    /** Cloud whose front ends the request passes. */
    enum Cloud {
        /** No known cloud: all headers pass except the client's credential. */
        NONE,
        AZURE,
        GOOGLE
    }

    /**
     * Headers that clouds must not receive. Tracing, forwarding and telemetry headers are useless to clouds and reveal
     * our clients, and so do cookies. Clouds would obey headers that name a method, a URL or a billed project, under
     * our credential. OpenAI's organizations and projects do not exist there.
     */
    private static final HeaderNameSet WITHHELD = HeaderNameSet.of(
            "b3",
            "baggage",
            "cdn-loop",
            "cf-*",
            "cookie",
            "fastly-*",
            "forwarded",
            "grpc-*",
            "openai-organization",
            "openai-project",
            "sentry-trace",
            "traceparent",
            "tracestate",
            "true-client-ip",
            "uber-trace-id",
            "via",
            "x-amzn-*",
            "x-b3-*",
            "x-client-ip",
            "x-cloud-trace-context",
            "x-datadog-*",
            "x-envoy-*",
            "x-forwarded-*",
            "x-goog-*",
            "x-http-method-override",
            "x-original-*",
            "x-real-ip",
            "x-rewrite-url",
            "x-stainless-*");

    private final Cloud cloud;
    private final List<SetHeader> setHeaders;
    private final List<Glob> passedNames;
    private final AzureHeaderLimit azureLimit;

    private record SetHeader(AsciiString name, Supplier<String> value) {}

    RequestHeaders(Backend backend, Cloud cloud, Function<SecretSource, String> secrets) {
        this.cloud = cloud;
        setHeaders = backend.headers().set().entrySet().stream()
                .map(header -> new SetHeader(AsciiString.of(header.getKey()), value(header.getValue(), secrets)))
                .toList();
        passedNames = backend.headers().pass();
        azureLimit =
                new AzureHeaderLimit(backend.name(), backend.headers().set().keySet());
    }

    private static Supplier<String> value(SecretSource source, Function<SecretSource, String> secrets) {
        return source instanceof Secret secret ? secret::reveal : () -> secrets.apply(source);
    }

    void prepare(HttpHeaders headers, AttachedCredential attached) {
        if (attached instanceof AttachedCredential.Passthrough) {
            ClientCredential.convertTo(headers, cloud);
        } else {
            ClientCredential.remove(headers);
        }
        if (cloud != Cloud.NONE) {
            withhold(headers);
        }
        for (SetHeader header : setHeaders) {
            String value = header.value().get();
            if (value.isEmpty()) {
                headers.remove(header.name());
            } else {
                headers.set(header.name(), value);
            }
        }
        if (attached instanceof AttachedCredential.Header header) {
            headers.set(header.name(), header.value());
        } else if (attached instanceof AttachedCredential.RealtimeSecret secret) {
            headers.set(HttpHeaderNames.AUTHORIZATION, ClientCredential.bearer(secret.value()));
        }
        if (cloud == Cloud.AZURE) {
            azureLimit.enforce(headers);
        }
    }

    private void withhold(HttpHeaders headers) {
        List<CharSequence> withheldNames = new ArrayList<>();
        var fields = headers.iteratorCharSequence();
        while (fields.hasNext()) {
            Map.Entry<CharSequence, CharSequence> field = fields.next();
            if (WITHHELD.contains(field.getKey()) && !passes(field.getKey())) {
                withheldNames.add(field.getKey());
            }
        }
        withheldNames.forEach(headers::remove);
    }

    private boolean passes(CharSequence name) {
        if (passedNames.isEmpty()) {
            return false;
        }
        String lowerCase = name.toString().toLowerCase(Locale.ROOT);
        return passedNames.stream().anyMatch(glob -> glob.matches(lowerCase));
    }
}
