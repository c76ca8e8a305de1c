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
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Rules for the request headers that one backend receives. Immutable. */
final class RequestHeaders {

    private final Cloud cloud;
    private final List<SetHeader> setHeaders;
    private final NameFilter filter;

    /** For requests that keep the client's own credential. Empty if everything passes. */
    private final Optional<NameFilter> filterWithCredential;

    private final boolean anyProtocolPasses;
    private final AzureHeaderLimit azureLimit;

    private record SetHeader(AsciiString name, Supplier<String> value) {}

    RequestHeaders(Backend backend, Cloud cloud, Function<SecretSource, String> secrets) {
        this.cloud = cloud;
        setHeaders = backend.headers().set().entrySet().stream()
                .map(header -> new SetHeader(AsciiString.of(header.getKey()), value(header.getValue(), secrets)))
                .toList();
        List<Glob> passed = backend.headers().pass();
        if (cloud == Cloud.NONE) {
            filter = NameFilter.withholdingCredentials(ApiNames.USUAL_HEADERS, passed);
            filterWithCredential = Optional.empty();
        } else {
            NameSet known = cloud == Cloud.AZURE ? ApiNames.AZURE_HEADERS : ApiNames.GOOGLE_HEADERS;
            filter = NameFilter.passingOnly(known, passed);
            filterWithCredential = Optional.of(NameFilter.passingOnly(known.with(ApiNames.CREDENTIAL_HEADERS), passed));
        }
        anyProtocolPasses = passed.contains(new Glob(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL.toString()));
        azureLimit =
                new AzureHeaderLimit(backend.name(), backend.headers().set().keySet());
    }

    private static Supplier<String> value(SecretSource source, Function<SecretSource, String> secrets) {
        return source instanceof Secret secret ? secret::reveal : () -> secrets.apply(source);
    }

    void prepare(HttpHeaders headers, AttachedCredential attached) {
        if (attached instanceof AttachedCredential.Passthrough) {
            ClientCredential.convertTo(headers, cloud);
            filterWithCredential.ifPresent(names -> retain(headers, names));
        } else {
            // Nearly every request has this one. Its removal here saves the list of names to remove.
            headers.remove(HttpHeaderNames.AUTHORIZATION);
            retain(headers, filter);
            if (!anyProtocolPasses && headers.contains(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)) {
                ClientCredential.removeFromProtocols(headers);
            }
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

    /** Removes credentials from a client's trailers, where no provider accepts them. */
    void prepareTrailers(HttpHeaders trailers) {
        retain(trailers, filter);
    }

    private static void retain(HttpHeaders headers, NameFilter filter) {
        List<CharSequence> withheld = List.of();
        var fields = headers.iteratorCharSequence();
        while (fields.hasNext()) {
            CharSequence name = fields.next().getKey();
            if (!filter.passes(name)) {
                if (withheld.isEmpty()) {
                    withheld = new ArrayList<>();
                }
                withheld.add(name);
            }
        }
        for (CharSequence name : withheld) {
            headers.remove(name);
        }
    }
}
