package io.crowfly.balancer.provider;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * Azure responds with 431 to more than ten custom headers (its quotas page), but does not define "custom". So every
 * header counts, except those that a browser or an HTTP client sends by default and those that carry a credential.
 */

/**
 * Limiter of the custom headers in requests to one Azure backend: removes the headers beyond Azure's limit. Removing a
 * client's header is better than a failed request.
 */
final class AzureHeaderLimit {

    private static final Logger LOG = LoggerFactory.getLogger(AzureHeaderLimit.class);

    private static final int MAX_CUSTOM_HEADERS = 10;

    private static final HeaderNameSet STANDARD = HeaderNameSet.of(
            "accept",
            "accept-*",
            "api-key",
            "authorization",
            "cache-control",
            "connection",
            "content-*",
            "date",
            "expect",
            "host",
            "if-*",
            "origin",
            "pragma",
            "range",
            "referer",
            "sec-websocket-*",
            "te",
            "transfer-encoding",
            "upgrade",
            "user-agent");

    private final String backend;

    /** Custom headers that are never removed, because the conf sets them or the request needs them. */
    private final HeaderNameSet protectedNames;

    /** @param namesSetByConf names of the headers that the conf sets, in lower case */
    AzureHeaderLimit(String backend, Set<String> namesSetByConf) {
        this.backend = backend;
        Set<String> names = new TreeSet<>(namesSetByConf);
        names.add("x-request-id");
        names.add(ClientCredential.API_MANAGEMENT_KEY.toString());
        protectedNames = new HeaderNameSet(names);
    }

    /** Removes the last custom headers beyond the limit from {@code headers}. */
    void enforce(HttpHeaders headers) {
        int customCount = 0;
        int protectedCount = 0;
        var fields = headers.iteratorCharSequence();
        while (fields.hasNext()) {
            CharSequence name = fields.next().getKey();
            if (!STANDARD.contains(name)) {
                customCount++;
                protectedCount += protectedNames.contains(name) ? 1 : 0;
            }
        }
        if (customCount > MAX_CUSTOM_HEADERS) {
            dropExcess(headers, MAX_CUSTOM_HEADERS - protectedCount);
            LOG.debug(
                    "{} custom headers in a request to {}: Azure accepts {}, the others were removed",
                    customCount,
                    backend,
                    MAX_CUSTOM_HEADERS);
        }
    }

    /** @param maxUnprotected number of headers to keep in addition to the protected ones */
    private void dropExcess(HttpHeaders headers, int maxUnprotected) {
        List<CharSequence> dropped = new ArrayList<>();
        int unprotectedCount = 0;
        var fields = headers.iteratorCharSequence();
        while (fields.hasNext()) {
            Map.Entry<CharSequence, CharSequence> field = fields.next();
            CharSequence name = field.getKey();
            if (!STANDARD.contains(name) && !protectedNames.contains(name) && ++unprotectedCount > maxUnprotected) {
                dropped.add(name);
            }
        }
        dropped.forEach(headers::remove);
    }
}
