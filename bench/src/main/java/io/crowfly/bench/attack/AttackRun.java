package io.crowfly.bench.attack;

import io.crowfly.bench.endpoint.EndpointProcess;
import io.crowfly.bench.load.AdminClient;
import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.Children.Child;
import io.crowfly.bench.process.CrowflyCommand;
import io.crowfly.bench.process.Jcmd;
import io.crowfly.bench.process.Ports;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One run: two endpoints and the balancer as processes, the clients in this process. */
final class AttackRun {

    /** Responses of one token without delay, so that the balancer is the slowest part. */
    private static final String SCRIPT = "{\"tokens\":1,\"first-token-ms\":0,\"between-tokens-ms\":0}";

    private static final int MAX_TOP_LOAD_SECONDS = 5;

    /** The backlog of the full load ends within a second. */
    private static final int SETTLE_SECONDS = 2;

    private static final int PROGRESS_SECONDS = 10;
    private static final int SLICES = 10;
    private static final int MIB = 1 << 20;

    private static final Pattern MAX_HEAP = Pattern.compile("\\bMaxHeapSize\\s*=\\s*(\\d+)");
    private static final Pattern MAX_DIRECT = Pattern.compile("\\bMaxDirectMemorySize\\s*=\\s*(\\d+)");

    private final AttackPlan plan;
    private final int listener;
    private final AdminClient admin;
    private final Child balancer;
    private final Jcmd jcmd;
    private final PrintWriter progress;

    private AttackRun(AttackPlan plan, int listener, int admin, Child balancer, Jcmd jcmd, PrintWriter progress) {
        this.plan = plan;
        this.listener = listener;
        this.admin = new AdminClient(admin);
        this.balancer = balancer;
        this.jcmd = jcmd;
        this.progress = progress;
    }

    /**
     * The parts of a run, as seconds of the good clients' timeline.
     *
     * @param before in which the measurement before the attack begins
     * @param attack in which the attack begins
     * @param attackEnd in which the attack ends
     * @param after in which the measurement after the attack begins
     * @param end in which that measurement ends
     */
    record Parts(int before, int attack, int attackEnd, int after, int end) {}

    /**
     * The result of a run.
     *
     * @param topLoad requests per second of the good clients at full speed
     * @param attackSlices figures of the good clients during the attack, in slices of {@code sliceSeconds}
     * @param startNanos {@link System#nanoTime} of second 0
     * @param heapBytes limit of the heap
     * @param directBytes limit of the direct memory; 0 if it equals that of the heap
     * @param peakResidentBytes maximum of resident memory, as counted by the kernel; 0 if the process has ended
     * @param log of the balancer
     */
    record Result(
            double topLoad,
            Parts parts,
            LatencyTimeline.Span before,
            LatencyTimeline.Span during,
            LatencyTimeline.Span after,
            List<LatencyTimeline.Span> attackSlices,
            int sliceSeconds,
            GoodClients.Losses losses,
            List<AttackClients.Figures> attackers,
            long startNanos,
            List<BalancerMonitor.Sample> samples,
            long heapBytes,
            long directBytes,
            long peakResidentBytes,
            boolean alive,
            String log) {}

    static AttackRun start(
            AttackPlan plan, Children children, Path folder, CrowflyCommand crowfly, PrintWriter progress)
            throws IOException, InterruptedException {
        List<Integer> ports = Ports.free(4);
        for (int i = 0; i < 2; i++) {
            EndpointProcess.start(children, "endpoint-" + i, ports.get(i), folder.resolve("endpoint-" + i + ".log"));
            EndpointProcess.setBehaviour(ports.get(i), SCRIPT);
        }
        Path conf = Files.writeString(folder.resolve("crowfly.yaml"), """
                region: bench
                listeners:
                  - {name: clients, bind: "127.0.0.1:%d"}
                admin: {bind: "127.0.0.1:%d"}
                backends:
                  - {name: one, provider: openai, url: "http://127.0.0.1:%d", models: {gpt-4o: gpt-4o}}
                  - {name: two, provider: openai, url: "http://127.0.0.1:%d", models: {gpt-4o: gpt-4o}}
                probes: {interval: 1s, tcp: {}}
                limits: %s
                """.formatted(
                        ports.get(2), ports.get(3), ports.get(0), ports.get(1), plan.limits()));
        Child balancer = children.start(
                "crowfly",
                crowfly.withConf(conf),
                Map.of("CROWFLY_JAVA_OPTS", plan.javaOptions()),
                folder.resolve("crowfly.log"));
        balancer.awaitListening(ports.get(2));
        return new AttackRun(
                plan, ports.get(2), ports.get(3), balancer, new Jcmd(children, balancer, folder), progress);
    }

    Result run() throws IOException, InterruptedException {
        String flags = jcmd.run("VM.flags -all");
        var threads = new MultiThreadIoEventLoopGroup(
                2, new DefaultThreadFactory("clients", true), NioIoHandler.newFactory());
        try (BalancerMonitor monitor = BalancerMonitor.start(balancer, admin);
                GoodClients good = GoodClients.start(threads.next(), listener, plan.good())) {
            double topLoad = reduceToHalfOfTopLoad(good);
            int before = good.second();
            TimeUnit.SECONDS.sleep(plan.quietSeconds());
            int attack = good.second();
            List<AttackClients.Figures> figures = attack(threads.next(), good);
            int attackEnd = good.second();
            say("after the attack");
            TimeUnit.SECONDS.sleep(AttackPlan.RECOVERY_SECONDS);
            int after = good.second();
            TimeUnit.SECONDS.sleep(plan.quietSeconds());
            int end = good.second();
            int sliceSeconds = Math.max(1, plan.seconds() / SLICES);
            List<LatencyTimeline.Span> slices = new ArrayList<>();
            for (int from = attack; from < attack + plan.seconds(); from += sliceSeconds) {
                slices.add(good.span(from, Math.min(attackEnd, from + sliceSeconds)));
            }
            return new Result(
                    topLoad,
                    new Parts(before, attack, attackEnd, after, end),
                    good.span(before, attack),
                    good.span(attack, attackEnd),
                    good.span(after, end),
                    slices,
                    sliceSeconds,
                    good.losses(),
                    figures,
                    good.startNanos(),
                    monitor.samples(),
                    flag(MAX_HEAP, flags),
                    flag(MAX_DIRECT, flags),
                    peakResidentBytes(),
                    balancer.isAlive(),
                    balancer.output());
        } finally {
            threads.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    /** Measures the top load after a warm-up, and returns it. */
    private double reduceToHalfOfTopLoad(GoodClients good) throws IOException, InterruptedException {
        say("warm-up and top load");
        TimeUnit.SECONDS.sleep(plan.warmUpSeconds());
        int end = good.second();
        double topLoad = good.span(end - Math.min(plan.warmUpSeconds(), MAX_TOP_LOAD_SECONDS), end)
                .perSecond();
        if (topLoad == 0) {
            throw new IOException("no good client got a response; the balancer's log:\n" + balancer.output());
        }
        good.setRate(topLoad / 2);
        say("half of the top load: %.0f requests per second".formatted(topLoad / 2));
        TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
        return topLoad;
    }

    private List<AttackClients.Figures> attack(EventLoop loop, GoodClients good)
            throws IOException, InterruptedException {
        int begin = good.second();
        List<AttackClients> attackers = List.of(
                new DrippingClients(plan.dripping(), plan.dripMillis(), loop, listener),
                new TricklingClients(plan.trickling(), loop, listener),
                new HoldingClients(plan.holding(), plan.bodyMib() * MIB, loop, listener),
                new ClosingClients(plan.closing(), loop, listener));
        attackers.forEach(AttackClients::start);
        for (int second = 0; second < plan.seconds(); second += PROGRESS_SECONDS) {
            TimeUnit.SECONDS.sleep(Math.min(PROGRESS_SECONDS, plan.seconds() - second));
            say("attack, %d s: p99 %.1f ms"
                    .formatted(
                            good.second() - begin,
                            good.span(begin + second, good.second()).p99Millis()));
        }
        List<AttackClients.Figures> figures = new ArrayList<>();
        for (AttackClients attacker : attackers) {
            figures.add(attacker.figures());
        }
        for (AttackClients attacker : attackers) {
            attacker.stop();
        }
        return figures;
    }

    private void say(String what) {
        progress.println(what);
        progress.flush();
    }

    /** Returns the value of a JVM flag. */
    private static long flag(Pattern flag, String flags) throws IOException {
        Matcher matcher = flag.matcher(flags);
        if (!matcher.find()) {
            throw new IOException("the JVM reports no " + flag);
        }
        return Long.parseLong(matcher.group(1));
    }

    private long peakResidentBytes() throws IOException {
        Path status = Path.of("/proc/" + balancer.process().pid() + "/status");
        if (!balancer.isAlive()) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) * 1024)
                .findFirst()
                .orElse(0);
    }
}
