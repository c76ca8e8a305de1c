package io.crowfly.conf.key;

import io.crowfly.conf.Backend;
import java.util.List;

/** Keys of {@code backends}, except {@code credential}, and of {@code probes}. */
public final class BackendKeys {

    public static final List<String> PROVIDERS = List.of("azure", "google", "openai");

    public static final List<String> AZURE_APIS = List.of("v1", "deployments");

    public static final List<String> GOOGLE_APIS = List.of("vertex", "gemini");

    public static final List<String> VERTEX_VERSIONS = List.of("v1", "v1beta1");

    public static final ValueType.Whole WEIGHT = new ValueType.Whole(0, 1000);

    public static final ValueType.Whole MAX_IN_FLIGHT = new ValueType.Whole(1, 1_000_000);

    public static final ValueType.Whole TIER = new ValueType.Whole(1, Backend.MAX_TIER);

    /** With larger numbers, the health of a backend would hardly ever change. */
    public static final ValueType.Whole IN_A_ROW = new ValueType.Whole(1, 100);

    public static final ValueType.Whole STATUS = new ValueType.Whole(200, 599);

    public static final List<Key> BACKEND = List.of(
            new Key("name", Types.NAME, Key.REQUIRED, "name: azure-westeurope", "unique among backends"),
            new Key(
                    "provider",
                    new ValueType.Word(PROVIDERS),
                    Key.REQUIRED,
                    "provider: azure",
                    "which API dialect the backend uses"),
            new Key(
                    "url",
                    Types.URL,
                    Key.REQUIRED,
                    "url: https://contoso.openai.azure.com",
                    "`http` or `https`, host, and port if it is not the default one. The host may have [several "
                            + "addresses](operations.md#addresses-of-backends). A path becomes the prefix "
                            + "of every request's path, see below"),
            new Key(
                    "region",
                    Types.NAME,
                    "Vertex AI: `location`; else none",
                    "region: westeurope",
                    "region of the backend, as the provider names it"),
            new Key(
                    "api",
                    new ValueType.Either(
                            "`v1` or `deployments`; for `google`, `vertex` or `gemini`",
                            List.of(new ValueType.Word(AZURE_APIS), new ValueType.Word(GOOGLE_APIS))),
                    "`azure`: `v1`; `google`: `vertex`",
                    "api: deployments",
                    "`azure`: with `v1`, `/openai/v1/…`, and the name of the deployment in the body; with "
                            + "`deployments`, the classic `/openai/deployments/{deployment}/…`. `google`: Vertex AI, or "
                            + "the Gemini API (AI Studio)"),
            new Key(
                    "api-version",
                    new ValueType.Text("text", "[A-Za-z0-9][A-Za-z0-9.-]*"),
                    "`azure`: none; Vertex AI: `v1`",
                    "api-version: 2024-10-21",
                    "`azure`: sent as the query parameter `api-version`: `2024-10-21`, `preview`. Required for "
                            + "`deployments`. Vertex AI: `v1` or `v1beta1`, the first segment of the path"),
            new Key(
                    "base-path",
                    new ValueType.Text("path", "/.*"),
                    "`/v1`",
                    "base-path: /api/paas/v4",
                    "only `openai`: the path that this backend uses instead of OpenAI's `/v1`: `/api/paas/v4`. "
                            + "`/` if it uses no prefix. No query, no empty segments, no `.` or `..` segments"),
            new Key(
                    "project",
                    Types.SEGMENT,
                    "required for Vertex AI",
                    "project: contoso-inference",
                    "only Vertex AI: the Google Cloud project that is billed"),
            new Key(
                    "location",
                    Types.SEGMENT,
                    "`region`, for Vertex AI",
                    "location: europe-west4",
                    "only Vertex AI. If the host of `url` contains a location, the host's location and "
                            + "`location` must be equal"),
            new Key(
                    "endpoint",
                    Types.SEGMENT,
                    "`openapi`, for Vertex AI",
                    "endpoint: \"1234567890\"",
                    "only Vertex AI: the id of a model that you deployed yourself. A number needs quotes"),
            new Key(
                    "tier",
                    TIER,
                    "`1`",
                    "tier: 2",
                    "order of preference: 1 for capacity that is paid in advance, 2 and up for overflow. See "
                            + "`routing.tier-tolerance`"),
            new Key(
                    "weight",
                    WEIGHT,
                    "`1`",
                    "weight: 3",
                    "only for `routing.policy: weighted`: the backend gets requests in proportion to its weight. "
                            + "0: it gets no first attempt while another backend with a weight is available, but retries and hedges. A reload with "
                            + "another weight keeps connections and forecasts"),
            new Key(
                    "max-in-flight",
                    MAX_IN_FLIGHT,
                    "no limit",
                    "max-in-flight: 400",
                    "the most requests in flight at the backend, over all event loops of this instance. Each needs a "
                            + "connection of its own. Further requests go to the next best backend; if none is left, "
                            + "the response is 503 with `Retry-After`. [Details](operations.md#limit-of-a-backend)"),
            new Key(
                    "labels",
                    Types.LABELS,
                    "none",
                    "labels: {zone: eu}",
                    "your own labels for `routing.rules`: `{zone: eu}`"),
            new Key(
                    "credential",
                    new ValueType.Mapping("backends[].credential"),
                    "none",
                    "credential: {api-key: \"${env:AZURE_KEY}\"}",
                    "the credential that Crowfly attaches to requests, a mapping with one key, see below"),
            new Key(
                    "models",
                    new ValueType.Either(
                            "mapping, or list",
                            List.of(
                                    new ValueType.Entries("mapping", Types.MODEL),
                                    new ValueType.Items("list", Types.MODEL))),
                    "every model",
                    "models: {gpt-4o: gpt-4o-weu}",
                    "the models that the backend serves, and their names there, see below"),
            new Key(
                    "headers",
                    new ValueType.Mapping("backends[].headers"),
                    "",
                    "headers: {pass: [traceparent]}",
                    "request headers that Crowfly sets or passes for this backend, see below"),
            new Key(
                    "probes",
                    new ValueType.Mapping("probes"),
                    "",
                    "probes: {interval: 15s}",
                    "any key of the top-level `probes`; the value here has priority"),
            new Key(
                    "tls",
                    new ValueType.Mapping("backends[].tls"),
                    "",
                    "tls: {ca: tls/ca.crt}",
                    "only with an `https` URL"));

    public static final List<Key> BACKEND_TLS = List.of(new Key(
            "ca",
            new ValueType.Text("PEM file"),
            Key.REQUIRED,
            "ca: tls/ca.crt",
            "certificate authorities to trust instead of the JDK's. Only with an `https` URL. See "
                    + "[Certificates](#certificates)"));

    public static final List<Key> HEADERS = List.of(
            new Key(
                    "set",
                    new ValueType.Entries("mapping of names to texts", Types.TEXT),
                    "none",
                    "set: {openai-project: contoso/edge}",
                    "headers that Crowfly sends with every request. They replace headers of the client with the "
                            + "same name. Values are visible ASCII and are treated as secrets. Not allowed: credential "
                            + "headers (`authorization`, `api-key`), connection headers, headers that frame a body, and "
                            + "more than nine headers for `azure`"),
            new Key(
                    "pass",
                    new ValueType.Items("list of names, each with any number of `*`", Types.TEXT),
                    "none",
                    "pass: [traceparent, \"x-stainless-*\"]",
                    "headers and query parameters of clients that pass although they are withheld by default: "
                            + "see [Headers and query parameters](providers.md#headers-and-query-parameters). A name that "
                            + "looks like a credential (`x-team-key`, `cookie`) passes only if it is listed in full, "
                            + "without `*`. Not allowed: the headers in which clouds accept a credential (`authorization`, "
                            + "`api-key`, …), and connection headers. Azure responds with 431 to more than ten headers "
                            + "that it does not know"));

    public static final List<Key> PROBES = List.of(
            new Key(
                    "interval",
                    Types.DURATION,
                    "`1s`",
                    "interval: 5s",
                    "time from the start of one probe to the start of the next, before jitter"),
            new Key(
                    "timeout",
                    Types.DURATION,
                    "`800ms`",
                    "timeout: 2s",
                    "limit for one whole probe. It may exceed `interval`: probes of one backend never overlap, "
                            + "so a slow probe delays the next"),
            new Key(
                    "healthy-after",
                    IN_A_ROW,
                    "`2`",
                    "healthy-after: 3",
                    "successes in a row that make an unhealthy backend healthy"),
            new Key(
                    "unhealthy-after",
                    IN_A_ROW,
                    "`3`",
                    "unhealthy-after: 2",
                    "failures in a row that make a healthy backend unhealthy"),
            new Key(
                    "http",
                    new ValueType.Mapping("probes.http"),
                    "depends on the provider, see below",
                    "http: {path: /health, expect: [200]}",
                    "sends `GET path` to the backend and measures the time to the first byte"),
            new Key("tcp", new ValueType.Mapping("probes.tcp"), "", "tcp: {}", "connects"),
            new Key(
                    "tls",
                    new ValueType.Mapping("probes.tls"),
                    "",
                    "tls: {}",
                    "connects and completes the TLS handshake; not with an `http` URL"),
            new Key(
                    "inference",
                    new ValueType.Mapping("probes.inference"),
                    "",
                    "inference: {model: gpt-4o}",
                    "requests a streamed completion of one token and measures the time to that token. Failures "
                            + "count for [this model only](operations.md#how-health-is-decided)"));

    public static final List<Key> HTTP_PROBE = List.of(
            new Key(
                    "path",
                    new ValueType.Text("path", "/[!-\"$-~]*"),
                    Key.REQUIRED,
                    "path: /health",
                    "Crowfly sends `path` unchanged, without the path of `url`"),
            new Key(
                    "expect",
                    new ValueType.Items("list of status codes", STATUS),
                    "`[200]`",
                    "expect: [200, 204]",
                    "the status codes of a successful probe"),
            new Key(
                    "reuse-connection",
                    Types.FLAG,
                    "`true`",
                    "reuse-connection: false",
                    "whether a probe uses the connection of the previous probe"));

    public static final List<Key> TCP_PROBE = List.of();

    public static final List<Key> TLS_PROBE = List.of();

    public static final List<Key> INFERENCE_PROBE = List.of(
            new Key(
                    "model",
                    Types.TEXT,
                    Key.REQUIRED,
                    "model: gpt-4o",
                    "a client's name of a model that the backend serves"),
            new Key(
                    "reuse-connection",
                    Types.FLAG,
                    "`true`",
                    "reuse-connection: false",
                    "whether a probe uses the connection of the previous probe"));

    private BackendKeys() {}
}
