package io.crowfly.bench.attack;

import io.crowfly.bench.load.AdminClient;
import io.crowfly.bench.process.Children.Child;
import io.crowfly.bench.process.CoreTicks;
import io.crowfly.bench.process.Cores;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Samples a balancer once per second from outside: resident memory, both cores, and what the admin reports. */
final class BalancerMonitor implements AutoCloseable {

    private static final long INTERVAL_MILLIS = 1000;

    private static final Reported NO_RESPONSE = new Reported(-1, -1, -1, -1);

    private final Child balancer;
    private final AdminClient admin;
    private final List<Sample> samples = new CopyOnWriteArrayList<>();
    private final Thread sampler = new Thread(this::sampleRepeatedly, "balancer-monitor");

    /**
     * A sample.
     *
     * @param nanos {@link System#nanoTime} of the sample
     * @param residentBytes resident memory; 0 if the process has ended
     */
    record Sample(long nanos, CoreTicks balancerCore, CoreTicks loadCore, long residentBytes, Reported reported) {}

    /**
     * What the admin reports; -1 if the admin did not respond.
     *
     * @param healthzMillis time until {@code /healthz} responded with 200
     * @param connections open client connections
     * @param heldBytes memory reserved for held bodies
     * @param directBytes direct memory in use
     */
    record Reported(long healthzMillis, long connections, long heldBytes, long directBytes) {}

    private BalancerMonitor(Child balancer, AdminClient admin) {
        this.balancer = balancer;
        this.admin = admin;
        sampler.setDaemon(true);
    }

    static BalancerMonitor start(Child balancer, AdminClient admin) {
        BalancerMonitor monitor = new BalancerMonitor(balancer, admin);
        monitor.sampler.start();
        return monitor;
    }

    private void sampleRepeatedly() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                samples.add(sample());
                Thread.sleep(INTERVAL_MILLIS);
            }
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new IllegalStateException("this machine reports no use of its cores", e);
        }
    }

    private Sample sample() throws IOException {
        return new Sample(
                System.nanoTime(),
                CoreTicks.of(Cores.PROXY_CORE),
                CoreTicks.of(Cores.LOAD_CORE),
                residentBytes(),
                reported());
    }

    private long residentBytes() {
        try {
            return balancer.usage().residentBytes();
        } catch (IOException ended) {
            return 0;
        }
    }

    private Reported reported() {
        try {
            long startNanos = System.nanoTime();
            boolean live = admin.isLive();
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
            AdminClient.Metrics metrics = admin.metrics();
            return new Reported(
                    live ? millis : -1,
                    metrics.value("crowfly_client_connections"),
                    metrics.value("crowfly_held_bytes"),
                    metrics.value("crowfly_direct_memory_bytes"));
        } catch (IOException e) {
            return NO_RESPONSE;
        }
    }

    List<Sample> samples() {
        return List.copyOf(samples);
    }

    @Override
    public void close() throws InterruptedException {
        sampler.interrupt();
        sampler.join();
    }
}
