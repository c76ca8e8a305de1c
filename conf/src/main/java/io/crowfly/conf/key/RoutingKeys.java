package io.crowfly.conf.key;

import io.crowfly.conf.Objective;
import io.crowfly.conf.Policy;
import java.util.List;

/** Keys of {@code routing}. */
public final class RoutingKeys {

    /** Each attempt may take a whole connect timeout, and no client waits for more than ten of them. */
    public static final ValueType.Whole ATTEMPTS = new ValueType.Whole(1, 10);

    public static final ValueType.Share BUDGET = new ValueType.Share(0, 1);

    /** A request that explores may be slower, so at most one request in ten may explore. */
    public static final ValueType.Share EXPLORATION = new ValueType.Share(0, 0.10);

    /** For most services, a smaller share than one request in ten thousand would select no request within an hour. */
    public static final ValueType.Share PART = new ValueType.Share(0.0001, 1);

    public static final List<Key> ROUTING = List.of(
            new Key(
                    "policy",
                    Types.words(List.of(Policy.values()), Policy::label),
                    "`lowest-latency`",
                    "policy: weighted",
                    "how a backend is chosen. `lowest-latency`: by the lowest predicted latency. The others are for "
                            + "comparisons, planned moves and emergencies; they ignore latency and tiers. `round-robin`: each "
                            + "backend in turn. `least-requests`: the backend with fewer requests in flight of two random "
                            + "ones. `weighted`: at random, by the `weight` of each backend"),
            new Key(
                    "objective",
                    Types.words(List.of(Objective.values()), Objective::label),
                    "`first-token`",
                    "objective: completion",
                    "the latency to minimise: to the first token (to the first byte, if the response is not a "
                            + "stream), or to the end of the response"),
            new Key(
                    "tolerance",
                    new ValueType.Either("share, or duration", List.of(BUDGET, Types.DURATION)),
                    "`5%`",
                    "tolerance: 30ms",
                    "Predictions that exceed the best one by at most this amount count as equal. Load then "
                            + "decides between those backends. A share, up to 100%, is a share of the best prediction"),
            new Key(
                    "tier-tolerance",
                    new ValueType.Either(
                            "duration, or `unlimited`",
                            List.of(Types.DURATION, new ValueType.Word(List.of("unlimited")))),
                    "`200ms`",
                    "tier-tolerance: unlimited",
                    "Requests stay in a tier with a lower number while this tier is at most this much slower "
                            + "than the best backend. Our own requests in flight count: a request goes to the next tier if "
                            + "they make this tier too slow. With `unlimited`, a tier with a higher number gets requests "
                            + "only while all backends in the lower-numbered tiers are unhealthy, or have ejected or "
                            + "parked the model"),
            new Key(
                    "rules",
                    new ValueType.Items("list", new ValueType.Mapping("routing.rules[]")),
                    "none",
                    "rules: [{when: {header: {x-data-zone: eu}}, only: {labels: {zone: eu}}}]",
                    "which backends a request may use, see below"),
            new Key(
                    "retry",
                    new ValueType.Mapping("routing.retry"),
                    "",
                    "retry: {attempts: 3, budget: 20%}",
                    "further attempts after a failure"),
            new Key(
                    "exploration",
                    EXPLORATION,
                    "`1%`",
                    "exploration: 2%",
                    "share of requests that may go to a backend without traffic, to measure its latency. `0%`: "
                            + "none"),
            new Key(
                    "panic",
                    Types.FLAG,
                    "`true`",
                    "panic: false",
                    "applies if every backend that a request may use is unhealthy, or has ejected or parked the "
                            + "model. With `true` the request goes to the best of these backends. With `false` the "
                            + "response is 503"),
            new Key(
                    "hedge",
                    new ValueType.Mapping("routing.hedge"),
                    "no hedging",
                    "hedge: {budget: 5%}",
                    "a second attempt in parallel with a slow first one. "
                            + "[Details](operations.md#retries-and-hedges)"),
            new Key(
                    "unknown-models",
                    new ValueType.Items("list of backends' names", Types.NAME),
                    "none",
                    "unknown-models: [openai]",
                    "backends that receive requests for models that no backend lists, under the client's name of "
                            + "the model"));

    public static final List<Key> RULE = List.of(
            new Key(
                    "name",
                    Types.NAME,
                    "`rules[0]` and so on",
                    "name: stays-in-the-eu",
                    "unique among rules; decisions and 503 responses show it"),
            new Key(
                    "when",
                    new ValueType.Mapping("routing.rules[].when"),
                    "every request",
                    "when: {header: {x-data-zone: eu}}",
                    "the requests to which the rule applies; all conditions must match"),
            new Key(
                    "only",
                    new ValueType.Mapping("routing.rules[].only"),
                    "required, or `refuse: true`",
                    "only: {labels: {zone: eu}}",
                    "the backends that these requests may use; a backend must meet all conditions"),
            new Key(
                    "refuse",
                    Types.FLAG,
                    "`false`",
                    "refuse: true",
                    "with `true` instead of `only`: the response is 403 (`code` `refused_by_rule`)"),
            new Key(
                    "share",
                    PART,
                    "`100%`",
                    "share: 5%",
                    "share of the matching requests to which the rule applies; the others continue with the next "
                            + "rule"));

    public static final List<Key> WHEN = List.of(
            new Key(
                    "path",
                    new ValueType.Text("pattern", "[/*][A-Za-z0-9._~:@=/*-]*"),
                    "any",
                    "path: /v1/realtime*",
                    "the path in OpenAI's dialect (`/v1/…`) without the query and without a slash at the end, "
                            + "also if the client uses Azure's dialect or leaves `/v1` out. A path that belongs to neither "
                            + "API is matched unchanged"),
            new Key(
                    "model",
                    new ValueType.Text("pattern"),
                    "any",
                    "model: gpt-4o*",
                    "the model as the client names it. A request without a model does not match. See below for "
                            + "models that Crowfly cannot read"),
            new Key(
                    "header",
                    new ValueType.Entries("mapping of names to patterns", Types.TEXT),
                    "any",
                    "header: {x-data-zone: eu}",
                    "every listed header must be present and match. Upper and lower case differ in the value, not in the "
                            + "name: `{x-data-zone: eu}` matches `X-Data-Zone: eu` and does not match `x-data-zone: EU`. A "
                            + "request with another value continues with the next rule; see [Data "
                            + "residency](#data-residency). Headers that contain secrets are not allowed here"));

    public static final List<Key> ONLY = List.of(
            new Key(
                    "provider",
                    new ValueType.Word(BackendKeys.PROVIDERS),
                    "any",
                    "provider: azure",
                    "provider of the backend"),
            new Key("region", Types.NAME, "any", "region: westeurope", "region of the backend"),
            new Key(
                    "labels",
                    Types.LABELS,
                    "any",
                    "labels: {zone: eu}",
                    "the backend must have every one of these labels, with the given value"),
            new Key(
                    "backends",
                    new ValueType.Items("list of names", Types.NAME),
                    "any",
                    "backends: [azure-new]",
                    "the backend must be one of these"));

    public static final List<Key> RETRY = List.of(
            new Key(
                    "attempts",
                    ATTEMPTS,
                    "`3`",
                    "attempts: 2",
                    "how many backends may be tried for one request, including the first"),
            new Key(
                    "budget",
                    BUDGET,
                    "`20%`",
                    "budget: 10%",
                    "limit of retries, as a share of all requests of the process"));

    public static final List<Key> HEDGE = List.of(new Key(
            "budget",
            PART,
            Key.REQUIRED,
            "budget: 5%",
            "limit of hedges (a second attempt in parallel with a slow first one), as a share of all "
                    + "requests of the process in the last 10 s. `5%` is a good value: the slowest requests become "
                    + "much faster, at the price of 5 % more requests and tokens"));

    private RoutingKeys() {}
}
