package io.crowfly.balancer.provider;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    private static final NameSet STANDARD = ApiNames.HTTP_HEADERS.with("api-key", "authorization");

    private final String backend;

    /** Custom headers that are never removed, because the conf sets them or the request needs them. */
    private final NameSet protectedNames;

    /** @param namesSetByConf names of the headers that the conf sets, in lower case */
    AzureHeaderLimit(String backend, Set<String> namesSetByConf) {
        this.backend = backend;
        protectedNames = NameSet.of("x-request-id", "ocp-apim-subscription-key").with(namesSetByConf);
    }

    /** Removes the last custom headers beyond the limit from {@code headers}. */
    void enforce(HttpHeaders headers) {
        if (headers.size() <= MAX_CUSTOM_HEADERS) {
            return;
        }
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
