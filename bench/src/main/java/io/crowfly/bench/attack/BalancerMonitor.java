package io.crowfly.bench.attack;

import io.crowfly.bench.load.AdminClient;
import io.crowfly.bench.process.Children.Child;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Samples a balancer once per second from outside: resident memory, and what the admin reports. */
final class BalancerMonitor implements AutoCloseable {

    private static final long INTERVAL_MILLIS = 1000;

    private final Child balancer;
    private final AdminClient admin;
    private final List<Sample> samples = new CopyOnWriteArrayList<>();
    private final Thread sampler = new Thread(this::sampleRepeatedly, "balancer-monitor");

    /**
     * A sample.
     *
     * @param nanos {@link System#nanoTime} of the sample
     * @param residentBytes resident memory; 0 if the process has ended
     * @param healthzMillis time until {@code /healthz} responded with 200; -1 if it did not
     * @param connections open client connections; -1 if the admin did not respond
     * @param heldBytes memory reserved for held bodies; -1 if the admin did not respond
     */
    record Sample(long nanos, long residentBytes, long healthzMillis, long connections, long heldBytes) {}

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
        }
    }

    private Sample sample() {
        long now = System.nanoTime();
        long resident = 0;
        try {
            resident = balancer.usage().residentBytes();
            long connections = admin.clientConnections();
            long held = admin.heldBytes();
            long askedNanos = System.nanoTime();
            boolean live = admin.isLive();
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - askedNanos);
            return new Sample(now, resident, live ? millis : -1, connections, held);
        } catch (IOException e) {
            return new Sample(now, resident, -1, -1, -1);
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
