package io.crowfly.conf;

import java.util.List;
import java.util.Optional;

/** {@code routing}. */
final class RoutingReader {

    private static final String POLICY = "lowest-latency";
    private static final List<String> POLICIES_TO_COME = List.of("round-robin", "least-requests", "weighted");

    /** Each attempt may take a whole connect timeout; nobody waits for more than ten. */
    private static final int MAX_ATTEMPTS = 10;

    private RoutingReader() {}

    static Routing read(Optional<Field> field) {
        Optional<Fields> fields = field.map(f -> f.fields(Section.ROUTING));
        fields.flatMap(f -> f.find("policy")).ifPresent(RoutingReader::checkPolicy);
        Routing usual = Routing.DEFAULT;
        int attempts = fields.flatMap(f -> f.find("retry"))
                .flatMap(retry -> retry.fields(Section.RETRY).find("attempts"))
                .flatMap(f -> f.integer(1, MAX_ATTEMPTS))
                .orElse(usual.retry().attempts());
        return new Routing(
                usual.policy(),
                usual.objective(),
                usual.tolerance(),
                usual.tierTolerance(),
                usual.rules(),
                new Retry(attempts, usual.retry().budget()),
                usual.exploration(),
                usual.panic(),
                usual.hedge());
    }

    private static void checkPolicy(Field field) {
        field.text().ifPresent(policy -> {
            if (POLICIES_TO_COME.contains(policy)) {
                field.problem(
                        "policy " + field.quoted() + " is not built yet", "write " + POLICY + ", or remove `policy`");
            } else if (!policy.equals(POLICY)) {
                field.problem("unknown policy " + field.quoted(), "write " + POLICY);
            }
        });
    }
}
