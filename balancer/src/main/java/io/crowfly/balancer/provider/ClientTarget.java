package io.crowfly.balancer.provider;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/*
 * Clients that are made for Azure say with the path what OpenAI's say with the body, and with a query what API they mean:
 *
 *   /v1/chat/completions
 *   /openai/v1/chat/completions
 *   /openai/deployments/{deployment}/chat/completions?api-version=…
 *   /openai/responses?api-version=…                               files, batches and the rest likewise
 *   /v1/realtime?model=…, /openai/realtime?api-version=…&deployment=…
 *
 * All of it is brought to the first form, in which the rest of the house thinks. An api-version is the business of whoever
 * speaks to Azure: it may be another one there, and means nothing elsewhere.
 */

/**
 * What a client asks for, whichever dialect it speaks. Immutable.
 *
 * @param original path and query, as the client sent them
 * @param path in OpenAI's dialect where it is understood, {@code /v1/…}; otherwise the client's own. Normal in that nothing
 *     is encoded in it that need not be
 * @param query without {@code ?}, and without {@code api-version}, credentials and the model where the path is understood;
 *     empty if there is nothing left of it
 * @param model decoded, where the target names it rather than the body
 */
public record ClientTarget(String original, String path, String query, Optional<String> model, Form form) {

    /** How much of a target is understood. */
    public enum Form {
        OPENAI,
        AZURE,
        /** A path that belongs to neither API. */
        OTHER,
        /** A path that servers may read in several ways, to get at something else than it seems to ask for. */
        AMBIGUOUS,
        /** It names a model, in a way that can't be read: badly encoded, with control characters, twice, or not at all. */
        MALFORMED
    }

    /** What OpenAI's paths begin with. */
    static final String VERSION = "/v1";

    static final String REALTIME = "/v1/realtime";

    private static final String REALTIME_CALLS = REALTIME + "/calls";

    private static final String OPENAI_PREFIX = VERSION + '/';
    private static final String AZURE_PREFIX = "/openai/";
    private static final String DEPLOYMENTS_PREFIX = "deployments/";

    private static final Set<String> MODEL_PARAMETERS = Set.of("model", "deployment");
    private static final String API_VERSION = "api-version";

    /** Browsers can't send headers with a WebSocket, so Azure and its API Management take a key here too. */
    private static final Set<String> KEY_PARAMETERS = Set.of("api-key", "subscription-key", "access_token");

    private static final Set<String> DROPPED_PARAMETERS =
            Set.of(API_VERSION, "api-key", "subscription-key", "access_token", "key");

    /** @param target path and query; starts with a slash */
    public static ClientTarget parse(String target) {
        int queryMark = target.indexOf('?');
        String path = PercentEncoding.normalize(queryMark < 0 ? target : target.substring(0, queryMark));
        String query = queryMark < 0 ? "" : target.substring(queryMark + 1);
        if (RequestTargets.isAmbiguous(path)) {
            return new ClientTarget(
                    target, path, Query.without(query, KEY_PARAMETERS), Optional.empty(), Form.AMBIGUOUS);
        } else if (path.startsWith(OPENAI_PREFIX)) {
            return openAiTarget(target, path, query, Form.OPENAI);
        } else if (path.startsWith(AZURE_PREFIX)) {
            return parseAzure(target, path, query);
        }
        return new ClientTarget(target, path, Query.without(query, KEY_PARAMETERS), Optional.empty(), Form.OTHER);
    }

    private static ClientTarget parseAzure(String target, String path, String query) {
        String operation = path.substring(AZURE_PREFIX.length());
        int deploymentEnd = operation.indexOf('/', DEPLOYMENTS_PREFIX.length());
        if (operation.startsWith(OPENAI_PREFIX.substring(1))) {
            return openAiTarget(target, '/' + operation, query, Form.AZURE);
        } else if (operation.startsWith(DEPLOYMENTS_PREFIX) && deploymentEnd >= 0) {
            String deployment = operation.substring(DEPLOYMENTS_PREFIX.length(), deploymentEnd);
            return withModel(
                    target,
                    VERSION + operation.substring(deploymentEnd),
                    Query.without(query, DROPPED_PARAMETERS),
                    PercentEncoding.decode(deployment),
                    Form.AZURE);
        } else if (Query.has(query, API_VERSION) && !operation.isEmpty()) {
            return openAiTarget(target, OPENAI_PREFIX + operation, query, Form.AZURE);
        }
        return new ClientTarget(target, path, Query.without(query, KEY_PARAMETERS), Optional.empty(), Form.OTHER);
    }

    private static ClientTarget openAiTarget(String target, String path, String query, Form form) {
        String passedQuery = Query.without(query, DROPPED_PARAMETERS);
        List<String> models = path.equals(REALTIME) ? Query.valuesOf(passedQuery, MODEL_PARAMETERS) : List.of();
        if (models.isEmpty()) {
            return new ClientTarget(target, path, passedQuery, Optional.empty(), form);
        }
        // Whichever of two a backend goes by, it might not be the one that we went by.
        Optional<String> model = models.size() == 1 ? PercentEncoding.decodeInQuery(models.get(0)) : Optional.empty();
        return withModel(target, path, Query.without(passedQuery, MODEL_PARAMETERS), model, form);
    }

    private static ClientTarget withModel(String target, String path, String query, Optional<String> model, Form form) {
        Optional<String> named = model.filter(name -> !name.isBlank());
        return new ClientTarget(target, path, query, named, named.isPresent() ? form : Form.MALFORMED);
    }

    /** Whether it is to be refused as a bad request, since it names a model that can't be read. No backend serves it. */
    public boolean isMalformed() {
        return form == Form.MALFORMED;
    }

    /** Whether the path is one of OpenAI's API, however the client said it. */
    boolean isOpenAiApi() {
        return form == Form.OPENAI || form == Form.AZURE;
    }

    /** Of one {@linkplain #isOpenAiApi of the API}: the path behind {@code /v1}, with its slash. */
    String operation() {
        return path.substring(VERSION.length());
    }

    boolean isRealtime() {
        return path.equals(REALTIME);
    }

    /** Whether a realtime session is opened by it: over a WebSocket, or as a call (WebRTC). */
    boolean opensRealtime() {
        return path.startsWith(REALTIME) && (isRealtime() || path.equals(REALTIME_CALLS));
    }
}
