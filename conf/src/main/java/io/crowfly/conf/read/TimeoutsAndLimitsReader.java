package io.crowfly.conf.read;

import io.crowfly.conf.Limits;
import io.crowfly.conf.Timeouts;
import io.crowfly.conf.key.LimitKeys;
import io.crowfly.conf.key.ValueType;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.QuantityReader;
import io.crowfly.conf.read.field.Section;
import io.crowfly.conf.read.field.SectionFields;
import io.crowfly.conf.value.Quantity;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Reader of the conf sections {@code timeouts} and {@code limits}, with the default of each key. */
final class TimeoutsAndLimitsReader {

    /**
     * Default of {@code head}. A head is one or two packets; ten seconds are enough for a TLS handshake over a link
     * that loses packets.
     */
    private static final Duration HEAD = Duration.ofSeconds(10);

    /**
     * Default of {@code connect}. OpenAI's client libraries stop connecting after 5 s, so there is time to connect to a
     * second backend.
     */
    private static final Duration CONNECT = Duration.ofSeconds(2);

    /** Default of {@code first-byte}. A reasoning model may take long before its first token. */
    private static final Duration FIRST_BYTE = Duration.ofSeconds(60);

    /** Default of {@code commit}. Some clients and proxies close a connection that has no head after 20 s to 30 s. */
    private static final Duration COMMIT = Duration.ofSeconds(15);

    /** Default of {@code idle}: the body timeout of Node's fetch. */
    private static final Duration IDLE = Duration.ofSeconds(300);

    /**
     * Default of {@code body}. The field that decides the backend may be at the end of a large body, and the client's
     * network may be slow.
     */
    private static final Duration BODY = Duration.ofSeconds(60);

    /** Default of {@code body-window}. Longer than a phone needs to change its network. */
    private static final Duration BODY_WINDOW = Duration.ofSeconds(30);

    /**
     * Default of {@code keepalive}. Proxies between Crowfly and clients usually close connections that are silent for
     * 60 s, some after 30 s.
     */
    private static final Duration KEEPALIVE = Duration.ofSeconds(15);

    /** Default of {@code drain}. Kubernetes kills a process 30 s after SIGTERM. */
    private static final Duration DRAIN = Duration.ofSeconds(30);

    /**
     * Default of {@code body-rate}. A third of what the slowest speech codecs send (6 kbit/s), the slowest body that a
     * client may stream live.
     */
    private static final long BODY_RATE = 256;

    private static final long KIB = 1 << 10;
    private static final long MIB = 1 << 20;

    /** Default of {@code body-size}: what a prompt with some pictures needs. */
    private static final long BODY_SIZE = 64 * MIB;

    /** Default of {@code upload-size}. A file of OpenAI's API may have 512 MB, and its form needs some more. */
    private static final long UPLOAD_SIZE = 513 * MIB;

    private TimeoutsAndLimitsReader() {}

    static Timeouts timeouts(Optional<Field> field) {
        Optional<SectionFields> fields = field.map(f -> f.fields(Section.TIMEOUTS));
        return new Timeouts(
                duration(fields, "head", HEAD),
                duration(fields, "connect", CONNECT),
                duration(fields, "first-byte", FIRST_BYTE),
                durationOrNever(fields, "commit", COMMIT),
                duration(fields, "idle", IDLE),
                duration(fields, "body", BODY),
                duration(fields, "body-window", BODY_WINDOW),
                durationOrNever(fields, "keepalive", KEEPALIVE),
                duration(fields, "drain", DRAIN));
    }

    static Limits limits(Optional<Field> field, JvmMemory jvm, Map<String, Integer> maxInFlight) {
        Optional<SectionFields> fields = field.map(f -> f.fields(Section.LIMITS));
        MemoryBudget memory = new MemoryBudget(jvm);
        int connections = fields.flatMap(f -> f.find("connections"))
                .flatMap(f -> f.integer(LimitKeys.CONNECTIONS))
                .orElse(memory.defaultConnections());
        long bodySize = size(fields, "body-size", BODY_SIZE, LimitKeys.BODY_SIZE);
        Limits limits = new Limits(
                connections,
                (int) size(fields, "head-size", 32 * KIB, LimitKeys.HEAD_SIZE),
                bodySize,
                size(fields, "upload-size", defaultUploadSize(bodySize), LimitKeys.BODY_SIZE),
                (int) size(fields, "body-rate", BODY_RATE, LimitKeys.BODY_RATE),
                (int) size(fields, "held-size", memory.defaultHeldSize(), LimitKeys.HELD_SIZE),
                size(fields, "held-total", memory.defaultHeldTotal(), LimitKeys.HELD_TOTAL),
                maxInFlight);
        // The held bodies may fill only half of held-total. The other half is kept free for one body of the maximum
        // size.
        if (limits.heldTotal() < 2L * limits.heldSize()) {
            Optional<Field> total = fields.flatMap(f -> f.find("held-total"));
            total.or(() -> fields.flatMap(f -> f.find("held-size")))
                    .ifPresent(at -> at.problem(
                            "`held-total`, " + Quantity.size(limits.heldTotal()) + ", is less than twice `held-size`",
                            "write `held-total: " + Quantity.size(2L * limits.heldSize()) + "` or more"));
        }
        fields.ifPresent(f -> memory.check(limits, f));
        return limits;
    }

    /** A conf that lowers {@code body-size}, or raises it for uploads, means uploads too. */
    private static long defaultUploadSize(long bodySize) {
        return bodySize < BODY_SIZE ? bodySize : Math.max(bodySize, UPLOAD_SIZE);
    }

    private static Duration duration(Optional<SectionFields> fields, String key, Duration defaultValue) {
        return fields.flatMap(f -> f.find(key))
                .flatMap(QuantityReader::duration)
                .orElse(defaultValue);
    }

    private static Duration durationOrNever(Optional<SectionFields> fields, String key, Duration defaultValue) {
        return fields.flatMap(f -> f.find(key))
                .flatMap(QuantityReader::durationOrNever)
                .orElse(defaultValue);
    }

    private static long size(Optional<SectionFields> fields, String key, long defaultValue, ValueType.Size range) {
        return fields.flatMap(f -> f.find(key))
                .flatMap(f -> QuantityReader.size(f, range))
                .orElse(defaultValue);
    }
}
