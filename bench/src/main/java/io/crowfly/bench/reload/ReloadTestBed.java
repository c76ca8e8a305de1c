package io.crowfly.bench.reload;

import io.crowfly.bench.endpoint.BlobBytes;
import io.crowfly.bench.endpoint.EndpointProcess;
import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.Children.Child;
import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Ports;
import io.crowfly.bench.process.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Processes of {@code bench reload} (balancer and backends), and factory of the load on them.
 *
 * @param folder folder for all files of the run
 * @param conf the balancer's conf file, which the run edits
 * @param fast the preferred backend
 */
record ReloadTestBed(
        Path folder,
        Programs programs,
        Children children,
        ConfEdits edits,
        Path conf,
        Child balancer,
        FastBackend fast) {

    static final int SLOW_CLIENTS = 8;

    /**
     * Pause between two calls of one client. It is short enough that calls are in flight at each reload. It is long
     * enough that other processes get CPU time.
     */
    private static final Duration PAUSE = Duration.ofMillis(20);

    private static final CallLoop.Target SLOW =
            new CallLoop.Target(FastBackend.slowTarget(), Optional.of(BlobBytes.crc32c(FastBackend.SLOW_BYTES)), PAUSE);
    private static final CallLoop.Target SMALL = new CallLoop.Target("/v1/models", Optional.empty(), PAUSE);

    /**
     * Behaviour of the spare endpoint: slow probes, so that the other backend is clearly preferred, and responses with
     * one token without delay.
     */
    private static final String SPARE_SCRIPT = "{\"health-ms\":100,\"tokens\":1,\"between-tokens-ms\":0}";

    static ReloadTestBed start(Path folder, Children children, CrowflyCommand crowfly, Programs programs)
            throws IOException, InterruptedException {
        List<Integer> ports = Ports.free(6);
        ConfEdits edits =
                new ConfEdits(ports.get(0), ports.get(1), ports.get(2), ports.get(3), ports.get(4), ports.get(5));
        EndpointProcess.start(children, "spare", edits.spareBackendPort(), folder.resolve("spare.log"));
        EndpointProcess.setBehaviour(edits.spareBackendPort(), SPARE_SCRIPT);
        FastBackend fast = new FastBackend(programs, children, "fast", folder, edits.fastBackendPort());
        fast.start();
        new FastBackend(programs, children, "third", folder, edits.thirdBackendPort()).start();
        Path conf = Files.writeString(
                Files.createDirectory(folder.resolve("conf")).resolve("crowfly.yaml"), edits.original());
        Child balancer = children.start("crowfly", crowfly.withConf(conf), Map.of(), folder.resolve("crowfly.log"));
        balancer.awaitListening(edits.listenerPort());
        return new ReloadTestBed(folder, programs, children, edits, conf, balancer, fast);
    }

    SteadyLoad steadyLoad() throws IOException {
        return SteadyLoad.start(programs, children, folder, edits.listenerPort());
    }

    /** Returns clients that are in the middle of a body most of the time. */
    CallLoop slowCalls() {
        return new CallLoop(edits.listenerPort(), SLOW, SLOW_CLIENTS);
    }

    /** Returns a client that makes small calls and counts responses by backend. */
    CallLoop smallCalls() {
        return new CallLoop(edits.listenerPort(), SMALL, 1);
    }
}
