package io.crowfly.bench.demo;

import io.crowfly.balancer.Balancer;
import io.crowfly.balancer.InvalidConfException;
import io.crowfly.conf.BindAddress;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Demo of {@code crowfly demo}: starts endpoints, balancer and traffic for one conf, and slows backends down over time.
 */
final class Demo implements AutoCloseable {

    private static final int REQUESTS_PER_SECOND = 40;
    private static final double SLOWDOWN_FACTOR = 8;

    /** Time before requests are counted. Meanwhile all backends are probed, and the JVM compiles the hot paths. */
    private static final Duration WARM_UP = Duration.ofSeconds(2);

    private static final Duration PHASE = Duration.ofSeconds(15);
    private static final Duration LAST_RESPONSES_TIMEOUT = Duration.ofSeconds(3);

    private final DemoConf conf;
    private final PrintWriter out;
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final DemoEndpoints endpoints;
    private final DemoTraffic traffic;

    Demo(DemoConf conf, PrintWriter out) throws IOException, InvalidConfException, DemoException {
        this.conf = conf;
        this.out = out;
        try {
            endpoints = opened(DemoEndpoints.open(conf.conf().backends()));
            opened(Balancer.start(conf.file()));
            traffic = opened(new DemoTraffic(URI.create(listener() + "/v1/chat/completions")));
        } catch (IOException | InvalidConfException | DemoException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private <T extends AutoCloseable> T opened(T part) {
        opened.add(0, part);
        return part;
    }

    /**
     * Runs the demo for this time. Slows the fastest backend after a third of the time, and returns the traffic before
     * and after that.
     */
    DemoSummary runFor(Duration time) throws InterruptedException, DemoException {
        startTraffic();
        Thread.sleep(time.toMillis() / 3);
        String fastest = endpoints.names().get(0);
        endpoints.slow(fastest, SLOWDOWN_FACTOR);
        TrafficStatistics before = traffic.startNewStatistics();
        print("%s is now %.0f times slower.", fastest, SLOWDOWN_FACTOR);
        Thread.sleep(time.toMillis() - time.toMillis() / 3);
        traffic.stop();
        for (long end = System.nanoTime() + LAST_RESPONSES_TIMEOUT.toNanos();
                traffic.inFlight() > 0 && System.nanoTime() < end; ) {
            Thread.sleep(20);
        }
        return new DemoSummary(endpoints.names(), fastest, before, traffic.startNewStatistics());
    }

    /** Slows one backend after another, each for one phase, until interrupted. */
    void runOn() throws InterruptedException, DemoException {
        startTraffic();
        while (true) {
            for (String name : endpoints.names()) {
                Thread.sleep(PHASE.toMillis());
                print("  %s", shares(traffic.startNewStatistics()));
                endpoints.slow(name, SLOWDOWN_FACTOR);
                print("%s is now %.0f times slower.", name, SLOWDOWN_FACTOR);
                Thread.sleep(PHASE.toMillis());
                print("  %s", shares(traffic.startNewStatistics()));
                endpoints.restore(name);
                print("%s has its normal speed again.", name);
            }
        }
    }

    private void startTraffic() throws InterruptedException, DemoException {
        printIntroduction();
        traffic.start(REQUESTS_PER_SECOND);
        Thread.sleep(WARM_UP.toMillis());
        traffic.startNewStatistics();
    }

    private String shares(TrafficStatistics statistics) {
        String shares = endpoints.names().stream()
                .map(name -> String.format(Locale.ROOT, "%s %.0f%%", name, statistics.share(name) * 100))
                .collect(Collectors.joining("  "));
        return statistics.failures() == 0 ? shares : shares + "  failed: " + statistics.failures();
    }

    private void printIntroduction() throws DemoException {
        print(
                "Crowfly in front of %d simulated endpoints, %d requests per second:",
                endpoints.names().size(), REQUESTS_PER_SECOND);
        for (String name : endpoints.names()) {
            print(
                    "  %-14s %s  about %d ms to the first token",
                    name, endpoints.get(name).url(), endpoints.normalMillis(name));
        }
        print("");
        print("Send a request:");
        print("  curl -si %s/v1/chat/completions -d '{\"model\":\"gpt-4o\",\"messages\":[]}'", listener());
        print(
                "  curl -sN %s/v1/chat/completions -d '{\"model\":\"gpt-4o\",\"messages\":[],\"stream\":true}'",
                listener());
        print("See which model names each backend receives:");
        for (String name : endpoints.names()) {
            print("  curl -s %s/_seen", endpoints.get(name).url());
        }
        print("See the balancer's state:");
        print("  curl -s %s/v1/models", listener());
        print("  curl -s %s/backends", admin());
        print("  curl -s '%s/decisions?last=3'", admin());
        print("  curl -s %s/metrics", admin());
        print("Make a backend unreachable for ten seconds:");
        print(
                "  curl -s %s/_script -d '{\"outage\":\"refuse\",\"outage-ms\":10000}'",
                endpoints.get(endpoints.names().get(0)).url());
        print("");
    }

    private String listener() throws DemoException {
        return url(conf.listener());
    }

    private String admin() throws DemoException {
        return url(conf.admin());
    }

    private static String url(BindAddress.Tcp address) {
        return "http://" + (address.host().equals("0.0.0.0") ? "127.0.0.1" : address.host()) + ":" + address.port();
    }

    private void print(String format, Object... values) {
        out.printf(Locale.ROOT, format + "%n", values);
        out.flush();
    }

    @Override
    public void close() {
        for (AutoCloseable part : opened) {
            try {
                part.close();
            } catch (Exception e) {
                throw new IllegalStateException("a part of the demo can't be closed", e);
            }
        }
    }
}
