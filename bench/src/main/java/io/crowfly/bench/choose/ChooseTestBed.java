package io.crowfly.bench.choose;

import io.crowfly.bench.endpoint.EndpointSpec;
import io.crowfly.bench.endpoint.EndpointStatistics;
import io.crowfly.bench.endpoint.SimulatedEndpoint;
import io.crowfly.bench.endpoint.behaviour.Behaviour;
import io.crowfly.bench.load.AdminClient;
import io.crowfly.bench.process.Ports;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * Test bed of {@code bench choose}: simulated endpoints, a balancer in front of them, and clients that send requests to
 * the balancer.
 */
final class ChooseTestBed implements AutoCloseable {

    /** Limit of the wait until all backends are healthy. Several probes take less, even on a busy machine. */
    private static final long HEALTHY_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final int MAX_FAILURES_PRINTED = 10;

    private final List<SimulatedBackend> backends;
    private final Map<String, SimulatedEndpoint> endpoints = new LinkedHashMap<>();
    private final Queue<ReceivedAttempt> attempts = new ConcurrentLinkedQueue<>();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final Path accessLog;
    private final int adminPort;
    private final ClientPool clients;

    /** Starter of a balancer, in a separate process or in this one. */
    interface BalancerStarter {

        /** Starts the balancer and waits until it listens on the port. Closing the result stops the balancer. */
        AutoCloseable start(Path conf, int port) throws IOException, InterruptedException;
    }

    /**
     * Attempt that an endpoint received.
     *
     * @param backend name of the endpoint's backend
     * @param kind kind of the request, from its header
     * @param id number of the client's request, from its header
     * @param nanos time of receipt, in the time of {@link System#nanoTime}
     */
    record ReceivedAttempt(String backend, String kind, String id, long nanos) {}

    /**
     * Starts the test bed and waits until all backends are healthy.
     *
     * @param folder folder for the files of this test bed only
     * @param more additional sections of the conf: {@code probes}, {@code routing} and so on
     */
    static ChooseTestBed open(BalancerStarter starter, Path folder, List<SimulatedBackend> backends, String more)
            throws IOException, InterruptedException {
        return new ChooseTestBed(starter, Files.createDirectories(folder), backends, more);
    }

    private ChooseTestBed(BalancerStarter starter, Path folder, List<SimulatedBackend> backends, String more)
            throws IOException, InterruptedException {
        this.backends = List.copyOf(backends);
        accessLog = folder.resolve("access.log");
        List<Integer> ports = Ports.free(2);
        adminPort = ports.get(1);
        try {
            for (SimulatedBackend backend : backends) {
                endpoints.put(backend.name(), opened(SimulatedEndpoint.open(spec(backend))));
            }
            Path conf = Files.writeString(folder.resolve("crowfly.yaml"), conf(ports.get(0), more));
            opened(starter.start(conf, ports.get(0)));
            clients = opened(new ClientPool(ports.get(0)));
            awaitHealthy();
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private <T extends AutoCloseable> T opened(T part) {
        opened.add(0, part);
        return part;
    }

    private void awaitHealthy() throws IOException, InterruptedException {
        AdminClient admin = admin();
        for (long end = System.nanoTime() + HEALTHY_TIMEOUT_NANOS;
                admin.healthyBackends() < backends.size();
                Thread.sleep(20)) {
            if (System.nanoTime() > end) {
                throw new IOException("not all backends became healthy in time");
            }
        }
    }

    private EndpointSpec spec(SimulatedBackend backend) {
        return EndpointSpec.of(backend.cloud().dialect)
                .withBehaviour(backend.normalBehaviour())
                .withLoadFactor(backend.loadFactor())
                .withRequestListener(request -> recordAttempt(backend, request));
    }

    private void recordAttempt(SimulatedBackend backend, EndpointStatistics.ReceivedRequest request) {
        String kind = request.headers().getOrDefault(ClientRequest.KIND_HEADER, "");
        String id = request.headers().getOrDefault(ClientRequest.ID_HEADER, "");
        attempts.add(new ReceivedAttempt(backend.name(), kind, id, System.nanoTime()));
    }

    private String conf(int port, String more) {
        StringBuilder text = new StringBuilder("region: bench\nlisteners:\n  - {name: clients, bind: \"127.0.0.1:")
                .append(port)
                .append("\"}\nadmin: {bind: \"127.0.0.1:")
                .append(adminPort)
                .append("\"}\naccess-log: ")
                .append(accessLog)
                .append("\ntrace-decisions: true\nbackends:\n");
        backends.forEach(
                backend -> text.append(backend.conf(endpoint(backend.name()).port())));
        return text.append(more).toString();
    }

    private SimulatedEndpoint endpoint(String backend) {
        SimulatedEndpoint endpoint = endpoints.get(backend);
        if (endpoint == null) {
            throw new IllegalArgumentException("no backend " + backend);
        }
        return endpoint;
    }

    /** Returns a client of the balancer's admin server. */
    AdminClient admin() {
        return new AdminClient(adminPort);
    }

    ClientPool clients() {
        return clients;
    }

    /** Returns the behaviour of a backend outside of disturbances. */
    Behaviour normalBehaviour(String backend) {
        return backends.stream()
                .filter(each -> each.name().equals(backend))
                .findFirst()
                .orElseThrow()
                .normalBehaviour();
    }

    /** Sets the behaviour of a backend. The behaviour, including an outage, is effective when this method returns. */
    void setBehaviour(String backend, Behaviour behaviour) {
        endpoint(backend).setBehaviour(behaviour);
    }

    void restoreBehaviour(String backend) {
        setBehaviour(backend, normalBehaviour(backend));
    }

    /** Returns the attempts that the endpoints have received so far. Their order is undefined. */
    List<ReceivedAttempt> attempts() {
        return List.copyOf(attempts);
    }

    /** Returns the attempts in a time range. */
    List<ReceivedAttempt> attempts(long fromNanos, long toNanos) {
        return attempts.stream()
                .filter(attempt -> attempt.nanos() - fromNanos >= 0 && attempt.nanos() - toNanos < 0)
                .toList();
    }

    /** Prints the access-log lines of the first {@value #MAX_FAILURES_PRINTED} failed requests, for diagnosis. */
    void printFailures(PrintWriter progress) throws IOException, InterruptedException {
        accessLog().failed().stream().limit(MAX_FAILURES_PRINTED).forEach(progress::println);
        progress.flush();
    }

    /**
     * Reads the access log when it no longer grows. The balancer writes a line some time after its request has ended.
     */
    BalancerAccessLog accessLog() throws IOException, InterruptedException {
        for (long before = -1; before != Files.size(accessLog); ) {
            before = Files.size(accessLog);
            Thread.sleep(500);
        }
        return BalancerAccessLog.read(accessLog);
    }

    @Override
    public void close() {
        for (AutoCloseable part : opened) {
            try {
                part.close();
            } catch (Exception e) {
                throw new IllegalStateException("a part of the test bed can't be closed", e);
            }
        }
        opened.clear();
    }
}
