package io.crowfly.balancer.provider;

import io.crowfly.balancer.credential.Shown;
import io.crowfly.conf.Backend;
import io.crowfly.conf.Glob;
import io.crowfly.conf.Secret;
import io.crowfly.conf.SecretSource;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** What of a request's headers one backend gets to see. Immutable. */
final class Heads {

    /** Whose front ends a request goes through. */
    enum Cloud {
        /** Nobody's in particular: everything is passed but the credential. */
        NONE,
        AZURE,
        GOOGLE
    }

    /**
     * Tracing, forwarding and telemetry mean nothing to either cloud and tell of our clients, cookies are none of their
     * business; what names a method, a url or who pays would be obeyed, under our credential; and OpenAI's organizations and
     * projects are no one's there.
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
    private final List<SetHeader> set;
    private final List<Glob> pass;
    private final AzureHeaderLimit limit;

    private record SetHeader(AsciiString name, Supplier<String> value) {}

    Heads(Backend backend, Cloud cloud, Function<SecretSource, String> secrets) {
        this.cloud = cloud;
        set = backend.headers().set().entrySet().stream()
                .map(header -> new SetHeader(AsciiString.of(header.getKey()), value(header.getValue(), secrets)))
                .toList();
        pass = backend.headers().pass();
        limit = new AzureHeaderLimit(backend.name(), backend.headers().set().keySet());
    }

    private static Supplier<String> value(SecretSource source, Function<SecretSource, String> secrets) {
        return source instanceof Secret secret ? secret::reveal : () -> secrets.apply(source);
    }

    void prepare(HttpHeaders headers, Shown shown) {
        if (shown instanceof Shown.TheClients) {
            ClientCredential.say(headers, cloud);
        } else {
            ClientCredential.remove(headers);
        }
        if (cloud != Cloud.NONE) {
            withhold(headers);
        }
        for (SetHeader header : set) {
            String value = header.value().get();
            if (value.isEmpty()) {
                headers.remove(header.name());
            } else {
                headers.set(header.name(), value);
            }
        }
        if (shown instanceof Shown.Header header) {
            headers.set(header.name(), header.value());
        } else if (shown instanceof Shown.ClientSecret secret) {
            headers.set(HttpHeaderNames.AUTHORIZATION, ClientCredential.bearer(secret.value()));
        }
        if (cloud == Cloud.AZURE) {
            limit.keep(headers);
        }
    }

    private void withhold(HttpHeaders headers) {
        List<CharSequence> found = new ArrayList<>();
        var fields = headers.iteratorCharSequence();
        while (fields.hasNext()) {
            Map.Entry<CharSequence, CharSequence> field = fields.next();
            if (WITHHELD.contains(field.getKey()) && !passes(field.getKey())) {
                found.add(field.getKey());
            }
        }
        found.forEach(headers::remove);
    }

    private boolean passes(CharSequence name) {
        if (pass.isEmpty()) {
            return false;
        }
        String lowerCase = name.toString().toLowerCase(Locale.ROOT);
        return pass.stream().anyMatch(glob -> glob.matches(lowerCase));
    }
}
