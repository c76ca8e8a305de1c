package io.crowfly.balancer.provider;

/*
 * Sources: OpenAI's OpenAPI document and its libraries for Node, Python and Java; Azure's REST reference and how-to
 * pages; Google's libraries.
 *
 * A header of the API is left out if the header overrides a decision of the operator, under our credential. Examples
 * are the billed project (x-goog-user-project), another deployment for overflow (x-ms-spillover-deployment), the
 * content filter (x-policy-id), the method and the path. Headers for tracing and forwarding are left out too, and so
 * are those that describe the client's library. Such headers reveal our clients and are useless to a cloud.
 */

/** Names of the headers and query parameters that the providers' APIs know and that clients may use. */
final class ApiNames {

    /** Headers of plain HTTP, of CORS and of a WebSocket handshake. */
    static final NameSet HTTP_HEADERS = NameSet.of(
            "accept",
            "accept-charset",
            "accept-encoding",
            "accept-language",
            "access-control-request-headers",
            "access-control-request-method",
            "cache-control",
            "connection",
            "content-encoding",
            "content-language",
            "content-length",
            "content-type",
            "host",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "origin",
            "pragma",
            "range",
            "sec-websocket-extensions",
            "sec-websocket-key",
            "sec-websocket-protocol",
            "sec-websocket-version",
            "te",
            "transfer-encoding",
            "upgrade",
            "user-agent");

    private static final NameSet OPENAI_HEADERS =
            HTTP_HEADERS.with("idempotency-key", "openai-beta", "x-client-request-id", "x-request-id");

    static final NameSet AZURE_HEADERS = OPENAI_HEADERS.with(
            "aoai-evals",
            "client-request-id",
            "x-ms-client-request-id",
            // A response's tool for images doesn't work without the name of the images' deployment.
            "x-ms-oai-image-generation-deployment",
            "x-ms-return-client-request-id",
            "x-ms-useragent");

    static final NameSet GOOGLE_HEADERS = OPENAI_HEADERS.with(
            "x-goog-api-client",
            "x-server-timeout",
            "x-vertex-ai-llm-request-type",
            "x-vertex-ai-llm-shared-request-type");

    /** Headers that nearly all requests have: those of OpenAI's libraries, and those that Crowfly adds. */
    static final NameSet USUAL_HEADERS = OPENAI_HEADERS.with(
            "openai-organization",
            "openai-project",
            "sec-fetch-mode",
            "traceparent",
            "tracestate",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-stainless-arch",
            "x-stainless-async",
            "x-stainless-helper-method",
            "x-stainless-lang",
            "x-stainless-os",
            "x-stainless-package-version",
            "x-stainless-read-timeout",
            "x-stainless-retry-count",
            "x-stainless-runtime",
            "x-stainless-runtime-version",
            "x-stainless-timeout");

    /** Headers that a client may send to a cloud along with its own credential: the credential, and whom to bill. */
    static final String[] CREDENTIAL_HEADERS = {
        "api-key",
        "authorization",
        "ocp-apim-subscription-key",
        "x-api-key",
        "x-auth-token",
        "x-goog-api-key",
        "x-goog-user-project"
    };

    /** Parameters of lists, filters, streams and sessions. A list such as {@code include[]} has the name before it. */
    static final NameSet OPENAI_PARAMETERS = NameSet.of(
            "after",
            "before",
            "beta",
            "call_id",
            "filter",
            "include",
            "include_obfuscation",
            "intent",
            "limit",
            "metadata",
            "model",
            "name",
            "order",
            "order_by",
            "purpose",
            "run_id",
            "starting_after",
            "status",
            "stream",
            "variant");

    static final NameSet AZURE_PARAMETERS =
            OPENAI_PARAMETERS.with("$filter", "$orderby", "$skip", "$top", "quality", "statuses");

    private ApiNames() {}
}
