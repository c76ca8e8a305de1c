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

/** The whole demo: endpoints, balancer and traffic of one conf, and what happens to them in time. */
final class Demo implements AutoCloseable {

    private static final int REQUESTS_PER_SECOND = 40;
    private static final double SLOWER = 8;

    /** For the probes to have been round and the JVM to have compiled what matters, before anything counts. */
    private static final Duration WARM_UP = Duration.ofSeconds(2);

    private static final Duration TURN = Duration.ofSeconds(15);
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(3);

    private final DemoConf conf;
    private final PrintWriter out;
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final DemoEndpoints endpoints;
    private final Traffic traffic;

    Demo(DemoConf conf, PrintWriter out) throws IOException, InvalidConfException, DemoException {
        this.conf = conf;
        this.out = out;
        try {
            endpoints = opened(DemoEndpoints.open(conf.conf().backends()));
            opened(Balancer.start(conf.file()));
            traffic = opened(new Traffic(URI.create(listener() + "/v1/chat/completions")));
        } catch (IOException | InvalidConfException | DemoException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private <T extends AutoCloseable> T opened(T part) {
        opened.add(0, part);
        return part;
    }

    /** Runs for so long, slows the fastest backend after a third of it, and shows what the traffic did. */
    Summary runFor(Duration time) throws InterruptedException, DemoException {
        begin();
        Thread.sleep(time.toMillis() / 3);
        String fastest = endpoints.names().get(0);
        endpoints.slow(fastest, SLOWER);
        Tally before = traffic.turnOver();
        say("%s now takes %.0f times as long.", fastest, SLOWER);
        Thread.sleep(time.toMillis() - time.toMillis() / 3);
        traffic.stop();
        for (long end = System.nanoTime() + LAST_ANSWERS.toNanos(); traffic.open() > 0 && System.nanoTime() < end; ) {
            Thread.sleep(20);
        }
        return new Summary(endpoints.names(), fastest, before, traffic.turnOver());
    }

    /** Slows one backend after another, each for a turn, until it is interrupted. */
    void runOn() throws InterruptedException, DemoException {
        begin();
        while (true) {
            for (String name : endpoints.names()) {
                Thread.sleep(TURN.toMillis());
                say("  %s", shares(traffic.turnOver()));
                endpoints.slow(name, SLOWER);
                say("%s now takes %.0f times as long.", name, SLOWER);
                Thread.sleep(TURN.toMillis());
                say("  %s", shares(traffic.turnOver()));
                endpoints.restore(name);
                say("%s is as fast as before.", name);
            }
        }
    }

    private void begin() throws InterruptedException, DemoException {
        sayWhatIsThere();
        traffic.start(REQUESTS_PER_SECOND);
        Thread.sleep(WARM_UP.toMillis());
        traffic.turnOver();
    }

    private String shares(Tally tally) {
        String shares = endpoints.names().stream()
                .map(name -> String.format(Locale.ROOT, "%s %.0f%%", name, tally.share(name) * 100))
                .collect(Collectors.joining("  "));
        return tally.failures() == 0 ? shares : shares + "  failed: " + tally.failures();
    }

    private void sayWhatIsThere() throws DemoException {
        say(
                "Crowfly before %d simulated endpoints, %d requests a second:",
                endpoints.names().size(), REQUESTS_PER_SECOND);
        for (String name : endpoints.names()) {
            say(
                    "  %-14s %s  about %d ms to the first token",
                    name, endpoints.get(name).url(), endpoints.usualMillis(name));
        }
        say("");
        say("Ask it something:");
        say("  curl -si %s/v1/chat/completions -d '{\"model\":\"gpt-4o\",\"messages\":[]}'", listener());
        say(
                "  curl -sN %s/v1/chat/completions -d '{\"model\":\"gpt-4o\",\"messages\":[],\"stream\":true}'",
                listener());
        say("See under which names of models backends are asked:");
        for (String name : endpoints.names()) {
            say("  curl -s %s/_seen", endpoints.get(name).url());
        }
        say("See what it knows:");
        say("  curl -s %s/v1/models", listener());
        say("  curl -s %s/backends", admin());
        say("  curl -s '%s/decisions?last=3'", admin());
        say("  curl -s %s/metrics", admin());
        say("Take a backend away for ten seconds:");
        say(
                "  curl -s %s/_script -d '{\"outage\":\"refuse\",\"outage-ms\":10000}'",
                endpoints.get(endpoints.names().get(0)).url());
        say("");
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

    private void say(String format, Object... values) {
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
