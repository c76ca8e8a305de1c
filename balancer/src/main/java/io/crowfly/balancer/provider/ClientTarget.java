package io.crowfly.balancer.provider;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/*
 * Clients for Azure name the model in the path and the API version in the query, where OpenAI's clients use the body:
 *
 *   /v1/chat/completions
 *   /openai/v1/chat/completions
 *   /openai/deployments/{deployment}/chat/completions?api-version=…
 *   /openai/responses?api-version=…                               likewise files, batches and others
 *   /v1/realtime?model=…, /openai/realtime?api-version=…&deployment=…
 *
 * Some clients have a base URL without /v1, and some add a slash at the end:
 *
 *   /chat/completions, /v1/chat/completions/
 *
 * All forms are converted to the first one, which rules see and which backends receive. An api-version is dropped: the
 * dialect of an Azure backend adds its own, and other providers have none.
 */

/**
 * Target (path and query) of a client's request, converted to OpenAI's form from any client dialect. Immutable.
 *
 * @param original path and query as the client sent them
 * @param path in OpenAI's form, {@code /v1/…}, if the path is known; otherwise the client's own. Normalized: unreserved
 *     characters are not encoded
 * @param query as the client sent it, without {@code ?}; if the path is known, also without {@code api-version} and the
 *     model; may be empty. May contain credentials: the dialect of a backend removes them
 * @param model decoded name; present if the target names the model
 * @param form form in which the client sent the target
 */
public record ClientTarget(String original, String path, String query, Optional<String> model, Form form) {

    /** Form in which a client sent the target: OpenAI's, Azure's, or a form that Crowfly does not know or refuses. */
    public enum Form {
        OPENAI,
        AZURE,
        /** A path that belongs to neither API. */
        OTHER,
        /**
         * A path that servers may read in several ways, so that the request may reach another resource than the path
         * suggests.
         */
        AMBIGUOUS,
        /** A target whose model name is unreadable: badly encoded, with control characters, repeated or blank. */
        MALFORMED
    }

    /** Beginning of all OpenAI paths. */
    static final String VERSION = "/v1";

    static final String REALTIME = "/v1/realtime";

    private static final String REALTIME_CALLS = REALTIME + "/calls";

    private static final String OPENAI_PREFIX = VERSION + '/';
    private static final String AZURE_PREFIX = "/openai/";
    private static final String DEPLOYMENTS_PREFIX = "deployments/";

    private static final NameSet MODEL_PARAMETERS = NameSet.of("model", "deployment");

    /** For example {@code /v1/engines/NAME/completions}, {@code /v1beta/models/NAME:generateContent}. */
    private static final Pattern MODEL_OF_OTHER_API =
            Pattern.compile("/(?:deployments|engines|model)/|/models/[^/]*:", Pattern.CASE_INSENSITIVE);

    private static final NameSet API_VERSION = NameSet.of("api-version");

    /**
     * Parses a target and converts it to OpenAI's form.
     *
     * @param target path and query; starts with a slash
     */
    public static ClientTarget parse(String target) {
        int queryMark = target.indexOf('?');
        String path = PercentEncoding.normalize(queryMark < 0 ? target : target.substring(0, queryMark));
        String query = queryMark < 0 ? "" : target.substring(queryMark + 1);
        if (RequestTargets.isAmbiguous(path)) {
            return new ClientTarget(target, path, query, Optional.empty(), Form.AMBIGUOUS);
        } else if (path.startsWith(OPENAI_PREFIX)) {
            return openAiTarget(target, path, query, Form.OPENAI);
        } else if (path.startsWith(AZURE_PREFIX)) {
            return parseAzure(target, path, query);
        } else if (ApiOperations.isUnversioned(path)) {
            return openAiTarget(target, VERSION + path, query, Form.OPENAI);
        }
        return new ClientTarget(target, path, query, Optional.empty(), Form.OTHER);
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
                    withoutSlashAtEnd(VERSION + operation.substring(deploymentEnd)),
                    Query.without(query, API_VERSION),
                    PercentEncoding.decode(deployment),
                    Form.AZURE);
        } else if (Query.has(query, API_VERSION) && !operation.isEmpty()) {
            return openAiTarget(target, OPENAI_PREFIX + operation, query, Form.AZURE);
        }
        return new ClientTarget(target, path, query, Optional.empty(), Form.OTHER);
    }

    private static ClientTarget openAiTarget(String target, String receivedPath, String query, Form form) {
        String path = withoutSlashAtEnd(receivedPath);
        String passedQuery = Query.without(query, API_VERSION);
        List<String> models = path.equals(REALTIME) ? Query.valuesOf(passedQuery, MODEL_PARAMETERS) : List.of();
        if (models.isEmpty() && !(path.equals(REALTIME) && Query.hasSimilar(passedQuery, MODEL_PARAMETERS))) {
            return new ClientTarget(target, path, passedQuery, Optional.empty(), form);
        }
        // If the query contains two names, a backend could use another name than Crowfly's rules did.
        String rest = Query.without(passedQuery, MODEL_PARAMETERS);
        Optional<String> model = models.size() == 1 && !Query.hasSimilar(rest, MODEL_PARAMETERS)
                ? PercentEncoding.decodeInQuery(models.get(0))
                : Optional.empty();
        return withModel(target, path, rest, model, form);
    }

    /** Returns the path of the same operation, without a slash that some clients add. */
    private static String withoutSlashAtEnd(String path) {
        return path.endsWith("/") && path.length() > OPENAI_PREFIX.length()
                ? path.substring(0, path.length() - 1)
                : path;
    }

    private static ClientTarget withModel(String target, String path, String query, Optional<String> model, Form form) {
        Optional<String> named = model.filter(name -> !name.isBlank());
        return new ClientTarget(target, path, query, named, named.isPresent() ? form : Form.MALFORMED);
    }

    /** Returns whether the request must be refused with 400 because its model name is unreadable. */
    public boolean isMalformed() {
        return form == Form.MALFORMED;
    }

    /** Returns whether all servers read the same path. A segment that names the model is not part of the path. */
    public boolean hasPlainPath() {
        return PlainPath.isPlain(path);
    }

    /**
     * Returns whether a server may find a model in the path that was not found here: the path is of neither API, but
     * may be read as one that names a deployment.
     */
    public boolean mayHideModel() {
        boolean unknown = form == Form.OTHER || form == Form.AMBIGUOUS;
        return unknown
                && (!hasPlainPath()
                        || path.regionMatches(true, 0, AZURE_PREFIX, 0, AZURE_PREFIX.length())
                                && !path.startsWith(AZURE_PREFIX));
    }

    /**
     * Returns whether the query may name a model where Crowfly reads none. Some gateways prefer that name to the one in
     * the body. Of a realtime session, the query may name the model.
     */
    public boolean namesModelInQuery() {
        return !query.isEmpty() && !opensRealtime() && Query.hasSimilar(query, MODEL_PARAMETERS);
    }

    /** Returns whether the path has a form in which other APIs, and old ones, name a model. */
    public boolean mayNameModelForOtherApi() {
        return MODEL_OF_OTHER_API.matcher(path).find();
    }

    /** Returns whether the path belongs to OpenAI's API, in any client dialect. */
    boolean isOpenAiApi() {
        return form == Form.OPENAI || form == Form.AZURE;
    }

    /**
     * Returns the path after {@code /v1}, with its slash. Call only for a target {@linkplain #isOpenAiApi of OpenAI's
     * API}.
     */
    String operation() {
        return path.substring(VERSION.length());
    }

    boolean isRealtime() {
        return path.equals(REALTIME);
    }

    /** Returns whether the request opens a realtime session: over a WebSocket, or as a call (WebRTC). */
    boolean opensRealtime() {
        return path.startsWith(REALTIME) && (isRealtime() || path.equals(REALTIME_CALLS));
    }
}
