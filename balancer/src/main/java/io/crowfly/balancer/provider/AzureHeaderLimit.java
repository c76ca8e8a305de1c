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

    private static final int CUSTOM_HEADERS = 10;

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
    private final HeaderNameSet kept;

    /** @param set the names of headers that the conf sets, in lower case */
    AzureHeaderLimit(String backend, Set<String> set) {
        this.backend = backend;
        Set<String> names = new TreeSet<>(set);
        names.add("x-request-id");
        names.add(ClientCredential.API_MANAGEMENT_KEY.toString());
        kept = new HeaderNameSet(names);
    }

    /** Takes out what is too much, the last first. Changes the headers in place. */
    void keep(HttpHeaders headers) {
        int custom = 0;
        int ours = 0;
        var fields = headers.iteratorCharSequence();
        while (fields.hasNext()) {
            CharSequence name = fields.next().getKey();
            if (!STANDARD.contains(name)) {
                custom++;
                ours += kept.contains(name) ? 1 : 0;
            }
        }
        if (custom > CUSTOM_HEADERS) {
            drop(headers, CUSTOM_HEADERS - ours);
            LOG.debug("{} headers in a request to {}, where Azure takes {}", custom, backend, CUSTOM_HEADERS);
        }
    }

    /** @param room for headers that are not ours */
    private void drop(HttpHeaders headers, int room) {
        List<CharSequence> dropped = new ArrayList<>();
        int clients = 0;
        var fields = headers.iteratorCharSequence();
        while (fields.hasNext()) {
            Map.Entry<CharSequence, CharSequence> field = fields.next();
            CharSequence name = field.getKey();
            if (!STANDARD.contains(name) && !kept.contains(name) && ++clients > room) {
                dropped.add(name);
            }
        }
        dropped.forEach(headers::remove);
    }
}
