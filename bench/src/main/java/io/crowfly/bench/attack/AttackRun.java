package io.crowfly.bench.attack;

import io.crowfly.bench.process.CoreTicks;
import io.crowfly.bench.process.Cores;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One run: warms up the balancer, also with a first attack, and then measures the good clients before, during and after
 * an attack.
 */
final class AttackRun {

    /** Longest time in which the full speed is measured, in seconds. */
    private static final int MAX_MEASURED_SECONDS = 5;

    /**
     * Half load means a half-busy core. At half of the full speed the core is 80 % busy, because a loop that is not
     * saturated receives fewer requests per system call.
     */
    private static final double HALF_BUSY_PERCENT = 50;

    /**
     * A request to a backend waits for the load's core as often as a request through the balancer. So these requests
     * show which part of the latency is due to the load's core, on which the attackers run too.
     */
    private static final int DIRECT_CLIENTS = 8;

    /** Enough for a p99 of each slice, and too few to load the core. */
    private static final double DIRECT_PER_SECOND = 400;

    private static final int PROGRESS_SECONDS = 10;
    private static final int SLICES = 10;
    private static final int MIB = 1 << 20;

    private final AttackPlan plan;
    private final TestBed testBed;
    private final PrintWriter progress;

    AttackRun(AttackPlan plan, TestBed testBed, PrintWriter progress) {
        this.plan = plan;
        this.testBed = testBed;
        this.progress = progress;
    }

    /**
     * The rate of the good clients.
     *
     * @param fullSpeed requests per second without pauses
     * @param perSecond requests per second that were sent, before, during and after the attack
     */
    record GoodLoad(double fullSpeed, double perSecond) {}

    /**
     * A part of a run, as seconds of the good clients' timeline.
     *
     * @param to the second after the last one
     */
    record Part(int from, int to) {}

    /**
     * The figures of a part.
     *
     * @param good of the good clients
     * @param direct of the clients that send the same requests to a backend, without the balancer
     */
    record Measurement(Part part, LatencyTimeline.Span good, LatencyTimeline.Span direct) {}

    /**
     * The figures of the attackers.
     *
     * @param dripsPerSecond bytes that the dripping connections have sent per second
     */
    record Attackers(
            AttackClients.Figures dripping,
            AttackClients.Figures trickling,
            AttackClients.Figures holding,
            AttackClients.Figures closing,
            double dripsPerSecond) {}

    /**
     * The result of a run.
     *
     * @param first the first attack after the start of the balancer
     * @param slices the parts of {@code during}
     * @param startNanos {@link System#nanoTime} of second 0
     * @param heapBytes limit of the heap
     * @param directBytes limit of the direct memory
     * @param peakResidentBytes maximum of resident memory, as counted by the kernel; 0 if the process has ended
     * @param log of the balancer
     */
    record Result(
            GoodLoad load,
            Measurement first,
            Measurement before,
            Measurement during,
            Measurement after,
            List<Measurement> slices,
            GoodClients.Losses losses,
            Attackers attackers,
            long startNanos,
            List<BalancerMonitor.Sample> samples,
            long heapBytes,
            long directBytes,
            long peakResidentBytes,
            boolean alive,
            String log) {}

    private static EventLoop newThread(String name) {
        return new MultiThreadIoEventLoopGroup(
                        1, new DefaultThreadFactory(name, true), AttackClients.TRANSPORT.ioHandlerFactory())
                .next();
    }

    Result run() throws IOException, InterruptedException {
        EventLoop goodThread = newThread("good-clients");
        EventLoop hostileThread = newThread("hostile-clients");
        testBed.lowerPriority(hostileThread);
        try (BalancerMonitor monitor = BalancerMonitor.start(testBed.balancer(), testBed.admin());
                GoodClients good = GoodClients.start(goodThread, testBed.listener(), plan.good());
                GoodClients direct = GoodClients.start(goodThread, testBed.backend(), DIRECT_CLIENTS)) {
            direct.setRate(DIRECT_PER_SECOND);
            say("warm-up at full speed");
            reduceToHalfLoad(good, plan.warmUpSeconds());
            say("first attack");
            int first = good.second();
            attack(hostileThread, good, plan.firstSeconds());
            Measurement firstAttack = measure(good, direct, first, good.second());
            TimeUnit.SECONDS.sleep(plan.recoverySeconds());
            good.setFullSpeed();
            GoodLoad load = reduceToHalfLoad(good, plan.fullSpeedSeconds());
            say("half load: %.0f requests per second".formatted(load.perSecond()));
            int before = good.second();
            TimeUnit.SECONDS.sleep(plan.quietSeconds());
            int attack = good.second();
            Attackers attackers = attack(hostileThread, good, plan.seconds());
            int attackEnd = good.second();
            say("after the attack");
            TimeUnit.SECONDS.sleep(plan.recoverySeconds());
            int after = good.second();
            TimeUnit.SECONDS.sleep(plan.quietSeconds());
            return new Result(
                    load,
                    firstAttack,
                    measure(good, direct, before, attack),
                    measure(good, direct, attack, attackEnd),
                    measure(good, direct, after, good.second()),
                    slices(good, direct, attack, attackEnd),
                    good.losses(),
                    attackers,
                    good.startNanos(),
                    monitor.samples(),
                    testBed.heapBytes(),
                    testBed.directBytes(),
                    testBed.peakResidentBytes(),
                    testBed.balancer().isAlive(),
                    testBed.balancer().output());
        } finally {
            goodThread.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            hostileThread.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private static Measurement measure(GoodClients good, GoodClients direct, int from, int to)
            throws IOException, InterruptedException {
        return new Measurement(new Part(from, to), good.span(from, to), direct.span(from, to));
    }

    private List<Measurement> slices(GoodClients good, GoodClients direct, int attack, int attackEnd)
            throws IOException, InterruptedException {
        int seconds = Math.max(1, plan.seconds() / SLICES);
        List<Measurement> slices = new ArrayList<>();
        for (int from = attack; from < attack + plan.seconds(); from += seconds) {
            slices.add(measure(good, direct, from, Math.min(attackEnd, from + seconds)));
        }
        return slices;
    }

    /**
     * Lets the good clients run at full speed for a time, and then reduces their rate until the core of the balancer is
     * busy for half of the time.
     */
    private GoodLoad reduceToHalfLoad(GoodClients good, int seconds) throws IOException, InterruptedException {
        TimeUnit.SECONDS.sleep(seconds);
        int end = good.second();
        int measured = Math.min((seconds + 1) / 2, MAX_MEASURED_SECONDS);
        double fullSpeed = good.span(end - measured, end).perSecond();
        if (fullSpeed == 0) {
            throw new IOException("no good client got a response; the balancer's log:\n"
                    + testBed.balancer().output());
        }
        double rate = fullSpeed / 2;
        for (int step = 0; step < plan.rateSteps(); step++) {
            good.setRate(rate);
            TimeUnit.SECONDS.sleep(plan.settleSeconds());
            CoreTicks start = CoreTicks.of(Cores.PROXY_CORE);
            TimeUnit.SECONDS.sleep(plan.settleSeconds());
            double busyPercent = CoreTicks.of(Cores.PROXY_CORE).percentSince(start);
            rate = Math.min(fullSpeed / 2, rate * HALF_BUSY_PERCENT / busyPercent);
        }
        good.setRate(rate);
        TimeUnit.SECONDS.sleep(plan.settleSeconds());
        return new GoodLoad(fullSpeed, rate);
    }

    private Attackers attack(EventLoop loop, GoodClients good, int seconds) throws IOException, InterruptedException {
        int begin = good.second();
        int rate = plan.opensPerSecond();
        int port = testBed.listener();
        DrippingClients dripping = new DrippingClients(plan.dripping(), plan.dripMillis(), rate, loop, port);
        AttackClients trickling = new TricklingClients(plan.trickling(), rate, loop, port);
        AttackClients holding = new HoldingClients(plan.holding(), plan.bodyMib() * MIB, rate, loop, port);
        AttackClients closing = new ClosingClients(plan.closing(), rate, loop, port);
        List<AttackClients> attackers = List.of(dripping, trickling, holding, closing);
        attackers.forEach(AttackClients::start);
        for (int second = 0; second < seconds; second += PROGRESS_SECONDS) {
            TimeUnit.SECONDS.sleep(Math.min(PROGRESS_SECONDS, seconds - second));
            LatencyTimeline.Span lately = good.span(begin + second, good.second());
            say("attack, %d s: %.0f requests per second, p99 %.1f ms"
                    .formatted(good.second() - begin, lately.perSecond(), lately.p99Millis()));
        }
        Attackers result = new Attackers(
                dripping.figures(),
                trickling.figures(),
                holding.figures(),
                closing.figures(),
                dripping.dripsPerSecond());
        for (AttackClients attacker : attackers) {
            attacker.stop();
        }
        return result;
    }

    private void say(String what) {
        progress.println(what);
        progress.flush();
    }
}
