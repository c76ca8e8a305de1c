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
 * Azure answers 431 to more than ten custom headers (its quotas page), and does not say which those are. So everything
 * counts but what a browser or any HTTP client sends by itself, and what lets a request in.
 */

/** Keeps to what one Azure backend takes of headers: better to lose a client's eleventh than the request. */
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

    /** Custom, and ours or needed: the last to go, in that they never do. */
    private final HeaderNameSet protectedNames;

    /** @param namesSetByConf the names of headers that the conf sets, in lower case */
    AzureHeaderLimit(String backend, Set<String> namesSetByConf) {
        this.backend = backend;
        Set<String> names = new TreeSet<>(namesSetByConf);
        names.add("x-request-id");
        names.add(ClientCredential.API_MANAGEMENT_KEY.toString());
        protectedNames = new HeaderNameSet(names);
    }

    /** Takes out what is too much, the last first. Changes the headers in place. */
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
            LOG.debug("{} headers in a request to {}, where Azure takes {}", customCount, backend, MAX_CUSTOM_HEADERS);
        }
    }

    /** @param maxUnprotected for headers that are not ours */
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
