package io.crowfly.bench.bodies;

import static io.crowfly.bench.bodies.MemoryBudget.MIB;

import io.crowfly.bench.memory.MemoryMonitor;
import io.crowfly.bench.proof.Claim;
import io.crowfly.bench.proof.Proof;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Report of {@code bench bodies}: turns the figures of a run into claims and a page. */
final class BodiesReport {

    private static final String METHOD = """
            All clients at once send one chat each of %1$d MiB with `model` after its messages, in pieces of %2$d B that
            are flushed one by one: first chunked, then with a length. The two backends have different names for the
            model, neither as long as the client's, and requests go to them in turn. Each backend responds with the
            length and CRC32C of the body, which must be those of that client's body with that backend's name. All
            bodies together are %3$d MiB, of which the balancer may hold %4$d MiB (`limits.held-total`); further bodies
            wait. The JVM has %5$d MiB of direct memory, so that more than the held bodies and %6$d MiB for the buffers
            of connections would be an error. Resident memory is the kernel's count: its peak, minus the value after a
            warm-up with small bodies.
            """;

    private BodiesReport() {}

    static Proof of(BodiesRun.Result result, Map<String, String> facts) {
        Uploads first = result.uploads().get(0);
        long mib = first.bytes() / MIB;
        String method = METHOD.formatted(
                mib,
                LargeChat.PIECE,
                first.all().size() * mib,
                result.budget().heldTotalMib(),
                result.budget().directMib(),
                MemoryBudget.BUFFERS_MIB);
        return new Proof("Large bodies that name their model last", method, facts, claims(result), figures(result));
    }

    private static List<Claim> claims(BodiesRun.Result result) {
        List<Claim> claims = new ArrayList<>();
        for (Uploads uploads : result.uploads()) {
            String framing = uploads.framing();
            long clients = uploads.all().size();
            claims.add(Claim.equal(framing + ": responses with 200", clients, uploads.succeeded()));
            claims.add(Claim.equal(
                    framing + ": the backend's name for the model, all other bytes unchanged",
                    clients,
                    uploads.intact()));
            for (String backend : BodiesRun.MODELS.keySet().stream().sorted().toList()) {
                long intact = uploads.intactAt(backend);
                claims.add(new Claim(
                        framing + ": of these, at backend `" + backend + "`",
                        "some",
                        Long.toString(intact),
                        intact > 0));
            }
        }
        MemoryBudget budget = result.budget();
        boolean limited = budget.isAppliedIn(result.flags());
        claims.add(new Claim("the JVM has the configured memory limits", "yes", limited ? "yes" : "no", limited));
        claims.add(Claim.zero(
                "lines about memory in the log",
                result.log().lines().filter(BodiesReport::isAboutMemory).count()));
        claims.add(Claim.atMost(
                "memory reserved for held bodies: maximum", budget.heldTotalMib(), result.heldBytes() / MIB, " MiB"));
        claims.add(Claim.atMost(
                "resident memory: peak beyond the value at rest",
                budget.directMib(),
                (result.peakBytes() - result.restBytes()) / MIB,
                " MiB"));
        return claims;
    }

    private static boolean isAboutMemory(String line) {
        return line.contains("OutOfMemory") || line.contains("OutOfDirectMemory");
    }

    private static String figures(BodiesRun.Result result) {
        StringBuilder text = new StringBuilder(
                "| bodies | seconds | MiB/s | RSS median, MiB | RSS maximum, MiB |\n|---|--:|--:|--:|--:|\n");
        for (Uploads uploads : result.uploads()) {
            long[] resident = resident(result, uploads.framing());
            text.append(String.format(
                    Locale.ROOT,
                    "| %d of %d MiB, %s | %.1f | %,.0f | %d | %d |%n",
                    uploads.all().size(),
                    uploads.bytes() / MIB,
                    uploads.framing(),
                    uploads.seconds(),
                    uploads.all().size() * uploads.bytes() / uploads.seconds() / MIB,
                    MemoryMonitor.median(resident) / MIB,
                    maximum(resident) / MIB));
        }
        long[] heap = result.heapBytes().stream().mapToLong(Long::longValue).toArray();
        text.append(String.format(
                Locale.ROOT,
                "%nResident memory at rest %d MiB, peak %d MiB. Heap in use: median %d MiB, maximum %d MiB.%n",
                result.restBytes() / MIB,
                result.peakBytes() / MIB,
                MemoryMonitor.median(heap) / MIB,
                maximum(heap) / MIB));
        for (Uploads uploads : result.uploads()) {
            uploads.failures()
                    .forEach((what, times) ->
                            text.append("\n%s, %d failures: %s%n".formatted(uploads.framing(), times, what)));
        }
        return text.toString();
    }

    private static long[] resident(BodiesRun.Result result, String phase) {
        return result.samples().stream()
                .filter(sample -> sample.phase().equals(phase))
                .mapToLong(MemoryMonitor.MemorySample::residentBytes)
                .toArray();
    }

    private static long maximum(long[] values) {
        long maximum = 0;
        for (long each : values) {
            maximum = Math.max(maximum, each);
        }
        return maximum;
    }
}
