package io.crowfly.bench.policies.simulation;

import io.crowfly.bench.policies.scenario.ArrivalProcess;
import io.crowfly.bench.policies.scenario.Scenario;
import io.crowfly.bench.policies.scenario.Scenario.RequestKind;
import io.crowfly.bench.policies.scenario.Scenario.Tokens;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Requests of one scenario in the policy simulator, drawn once and then used with every policy. Immutable once created;
 * safe to share.
 *
 * <p>Only {@code nextDouble} is used for drawing, because its bits are the same in all JDKs.
 */
public final class Workload {

    private static final int MAX_TOKENS = 200_000;
    private static final int BYTES_PER_TOKEN = 4;

    private final SplittableRandom random;
    private final Scenario scenario;

    private long[] atNanos = new long[1024];
    private int[] edge = new int[1024];
    private int[] model = new int[1024];
    private boolean[] streamed = new boolean[1024];
    private int[] promptTokens = new int[1024];
    private int[] outputTokens = new int[1024];
    private int size;

    private Workload(Scenario scenario) {
        this.scenario = scenario;
        this.random = new SplittableRandom(scenario.seed());
    }

    public static Workload of(Scenario scenario) {
        Workload workload = new Workload(scenario);
        workload.draw(scenario.arrivals());
        return workload;
    }

    public int size() {
        return size;
    }

    long atNanos(int i) {
        return atNanos[i];
    }

    int edge(int i) {
        return edge[i];
    }

    int model(int i) {
        return model[i];
    }

    boolean streamed(int i) {
        return streamed[i];
    }

    int promptTokens(int i) {
        return promptTokens[i];
    }

    int outputTokens(int i) {
        return outputTokens[i];
    }

    static long bytes(int promptTokens) {
        return (long) promptTokens * BYTES_PER_TOKEN;
    }

    static double tokens(long promptBytes) {
        return (double) promptBytes / BYTES_PER_TOKEN;
    }

    private void draw(ArrivalProcess arrivals) {
        long end = scenario.durationNanos();
        if (arrivals instanceof ArrivalProcess.Constant constant) {
            for (long i = 0; i * 1e9 / constant.perSecond() < end; i++) {
                add((long) (i * 1e9 / constant.perSecond()));
            }
        } else if (arrivals instanceof ArrivalProcess.Poisson poisson) {
            for (double t = gap(poisson.perSecond()); t < end; t += gap(poisson.perSecond())) {
                add((long) t);
            }
        } else if (arrivals instanceof ArrivalProcess.Diurnal diurnal) {
            // Thinning: arrivals are drawn at the highest rate. Each is kept with a probability of the current rate
            // divided by the highest rate.
            for (double t = gap(diurnal.high()); t < end; t += gap(diurnal.high())) {
                double mean = (diurnal.low() + diurnal.high()) / 2;
                double swing = (diurnal.high() - diurnal.low()) / 2;
                double rate = mean - swing * StrictMath.cos(2 * Math.PI * t / diurnal.periodNanos());
                if (random.nextDouble() * diurnal.high() < rate) {
                    add((long) t);
                }
            }
        } else if (arrivals instanceof ArrivalProcess.Bursts bursts) {
            bursts(bursts, end);
        } else if (arrivals instanceof ArrivalProcess.Recorded recorded) {
            for (ArrivalProcess.Arrival arrival : recorded.arrivals()) {
                if (arrival.atNanos() < end) {
                    add(arrival);
                }
            }
        }
    }

    private void bursts(ArrivalProcess.Bursts bursts, long end) {
        double background = gap(bursts.perSecond());
        long burst = bursts.everyNanos();
        int ofBurst = 0;
        while (true) {
            double next = burst + (double) bursts.withinNanos() * ofBurst / bursts.size();
            if (Math.min(next, background) >= end) {
                return;
            }
            if (background <= next) {
                add((long) background);
                background += gap(bursts.perSecond());
            } else {
                add((long) next);
                if (++ofBurst == bursts.size()) {
                    ofBurst = 0;
                    burst += bursts.everyNanos();
                }
            }
        }
    }

    private double gap(double perSecond) {
        return -StrictMath.log(1 - random.nextDouble()) * 1e9 / perSecond;
    }

    private void add(long at) {
        RequestKind kind = drawKind();
        put(at, kind, draw(kind.promptTokens()), draw(kind.outputTokens()));
    }

    private void add(ArrivalProcess.Arrival arrival) {
        RequestKind kind = drawKind();
        for (RequestKind other : scenario.requests()) {
            if (scenario.models().get(other.model()).name().equals(arrival.model())) {
                kind = other;
            }
        }
        int prompt = draw(kind.promptTokens());
        int output = draw(kind.outputTokens());
        put(
                arrival.atNanos(),
                kind,
                arrival.promptTokens() > 0 ? arrival.promptTokens() : prompt,
                arrival.outputTokens() > 0 ? arrival.outputTokens() : output);
    }

    private void put(long at, RequestKind kind, int prompt, int output) {
        if (size == atNanos.length) {
            atNanos = Arrays.copyOf(atNanos, 2 * size);
            edge = Arrays.copyOf(edge, 2 * size);
            model = Arrays.copyOf(model, 2 * size);
            streamed = Arrays.copyOf(streamed, 2 * size);
            promptTokens = Arrays.copyOf(promptTokens, 2 * size);
            outputTokens = Arrays.copyOf(outputTokens, 2 * size);
        }
        atNanos[size] = at;
        edge[size] = (int) (random.nextDouble() * scenario.edgeCount());
        model[size] = kind.model();
        streamed[size] = random.nextDouble() < kind.streamedShare();
        promptTokens[size] = prompt;
        outputTokens[size] = output;
        size++;
    }

    private RequestKind drawKind() {
        double total =
                scenario.requests().stream().mapToDouble(RequestKind::weight).sum();
        double at = random.nextDouble() * total;
        for (RequestKind kind : scenario.requests()) {
            at -= kind.weight();
            if (at < 0) {
                return kind;
            }
        }
        return scenario.requests().get(scenario.requests().size() - 1);
    }

    private int draw(Tokens tokens) {
        double radius = 1 - random.nextDouble();
        double angle = random.nextDouble();
        double normal = StrictMath.sqrt(-2 * StrictMath.log(radius)) * StrictMath.cos(2 * Math.PI * angle);
        double drawn = tokens.median() * StrictMath.exp(tokens.sigma() * normal);
        return (int) Math.max(1, Math.min(MAX_TOKENS, drawn));
    }
}
