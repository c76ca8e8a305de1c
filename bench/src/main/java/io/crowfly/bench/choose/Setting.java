package io.crowfly.bench.choose;

import io.crowfly.bench.endpoint.Behaviour;
import io.crowfly.bench.endpoint.EndpointSpec;
import io.crowfly.bench.endpoint.Seen;
import io.crowfly.bench.endpoint.SimulatedEndpoint;
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

/** Simulated endpoints, a balancer in front of them, and clients in front of that. */
final class Setting implements AutoCloseable {

    /** Some probes, on a machine that is busy. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final int MOST_EXPLAINED = 10;

    private final List<Place> places;
    private final Map<String, SimulatedEndpoint> endpoints = new LinkedHashMap<>();
    private final Queue<Sighting> sightings = new ConcurrentLinkedQueue<>();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final Path accessLog;
    private final int adminPort;
    private final Clients clients;

    /** How a balancer is started: in a process of its own, or in this one. */
    interface Starter {

        /** Starts it; it listens on that port when this returns. */
        AutoCloseable start(Path conf, int port) throws IOException, InterruptedException;
    }

    /** A request as an endpoint saw it, an attempt that is. */
    record Sighting(String place, String kind, String id, long nanos) {}

    /**
     * @param folder for this setting's files alone
     * @param more of the conf: {@code probes}, {@code routing} and so on
     */
    static Setting open(Starter starter, Path folder, List<Place> places, String more)
            throws IOException, InterruptedException {
        return new Setting(starter, Files.createDirectories(folder), places, more);
    }

    private Setting(Starter starter, Path folder, List<Place> places, String more)
            throws IOException, InterruptedException {
        this.places = List.copyOf(places);
        accessLog = folder.resolve("access.log");
        List<Integer> ports = Ports.free(2);
        adminPort = ports.get(1);
        try {
            for (Place place : places) {
                endpoints.put(place.name(), opened(SimulatedEndpoint.open(spec(place))));
            }
            Path conf = Files.writeString(folder.resolve("crowfly.yaml"), conf(ports.get(0), more));
            opened(starter.start(conf, ports.get(0)));
            clients = opened(new Clients(ports.get(0)));
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
        AdminClient admin = new AdminClient(adminPort);
        for (long end = System.nanoTime() + PATIENCE_NANOS; admin.healthy() < places.size(); Thread.sleep(20)) {
            if (System.nanoTime() > end) {
                throw new IOException("not every backend becomes healthy");
            }
        }
    }

    private EndpointSpec spec(Place place) {
        return EndpointSpec.of(place.cloud().dialect)
                .withBehaviour(place.behaviour())
                .withWitness(request -> sighted(place, request));
    }

    private void sighted(Place place, Seen.Request request) {
        String kind = request.headers().getOrDefault(Ask.KIND_HEADER, "");
        String id = request.headers().getOrDefault(Ask.ID_HEADER, "");
        sightings.add(new Sighting(place.name(), kind, id, System.nanoTime()));
    }

    private String conf(int port, String more) {
        StringBuilder text = new StringBuilder("region: bench\nlisteners:\n  - {name: clients, bind: \"127.0.0.1:")
                .append(port)
                .append("\"}\nadmin: {bind: \"127.0.0.1:")
                .append(adminPort)
                .append("\"}\naccess-log: ")
                .append(accessLog)
                .append("\ntrace-decisions: true\nbackends:\n");
        places.forEach(place -> text.append(place.conf(endpoint(place.name()).port())));
        return text.append(more).toString();
    }

    private SimulatedEndpoint endpoint(String place) {
        SimulatedEndpoint endpoint = endpoints.get(place);
        if (endpoint == null) {
            throw new IllegalArgumentException("no place " + place);
        }
        return endpoint;
    }

    Clients clients() {
        return clients;
    }

    /** How it is in ordinary times. */
    Behaviour usual(String place) {
        return places.stream()
                .filter(each -> each.name().equals(place))
                .findFirst()
                .orElseThrow()
                .behaviour();
    }

    /** In force when this returns, outages too. */
    void behave(String place, Behaviour behaviour) {
        endpoint(place).behave(behaviour);
    }

    void restore(String place) {
        behave(place, usual(place));
    }

    /** What the endpoints have seen so far, in no order that matters. */
    List<Sighting> sightings() {
        return List.copyOf(sightings);
    }

    /** Those from one moment up to another. */
    List<Sighting> sightings(long fromNanos, long toNanos) {
        return sightings.stream()
                .filter(seen -> seen.nanos() - fromNanos >= 0 && seen.nanos() - toNanos < 0)
                .toList();
    }

    /** Says of some requests that failed what the balancer has to say of them, for whoever looks for the cause. */
    void explainFailures(PrintWriter progress) throws IOException, InterruptedException {
        accessLog().failed().stream().limit(MOST_EXPLAINED).forEach(progress::println);
        progress.flush();
    }

    /** What the balancer says of its attempts, when it has nothing more to say: it writes behind its requests. */
    AccessLog accessLog() throws IOException, InterruptedException {
        for (long before = -1; before != Files.size(accessLog); ) {
            before = Files.size(accessLog);
            Thread.sleep(500);
        }
        return AccessLog.read(accessLog);
    }

    @Override
    public void close() {
        for (AutoCloseable part : opened) {
            try {
                part.close();
            } catch (Exception e) {
                throw new IllegalStateException("a part of the setting can't be closed", e);
            }
        }
        opened.clear();
    }
}
