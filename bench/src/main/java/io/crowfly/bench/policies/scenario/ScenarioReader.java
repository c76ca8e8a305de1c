package io.crowfly.bench.policies.scenario;

import io.crowfly.bench.policies.policy.Tried;
import io.crowfly.bench.policies.scenario.Scenario.Backend;
import io.crowfly.bench.policies.scenario.Scenario.Cloud;
import io.crowfly.bench.policies.scenario.Scenario.EdgeGroup;
import io.crowfly.bench.policies.scenario.Scenario.Kind;
import io.crowfly.bench.policies.scenario.Scenario.Model;
import io.crowfly.bench.policies.scenario.Scenario.ProbeKind;
import io.crowfly.bench.policies.scenario.Scenario.Tokens;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads a scenario file, strictly: a key that does nothing would make a figure that means something else than it says. */
public final class ScenarioReader {

    private static final LoadSettings SETTINGS = LoadSettings.builder().build();

    private static final long DEFAULT_WARM_UP_NANOS = 30_000_000_000L;
    private static final long DEFAULT_FIRST_BYTE_TIMEOUT_NANOS = 10_000_000_000L;

    private final String file;
    /** Where a trace's file name starts from. */
    private final Path folder;

    private List<String> groups = List.of();
    private List<String> models = List.of();
    private List<String> backends = List.of();

    private ScenarioReader(String file, Path folder) {
        this.file = file;
        this.folder = folder;
    }

    /**
     * @param name the scenario's, and what its mistakes are reported under together with {@code .yaml}
     * @param folder where the file is, for the names of traces in it
     */
    public static Scenario read(String name, String yaml, Path folder) throws ScenarioException {
        String file = name + ".yaml";
        return new ScenarioReader(file, folder).scenario(name, root(file, yaml));
    }

    private static Section root(String file, String yaml) throws ScenarioException {
        try {
            Optional<Node> node = new Compose(SETTINGS).composeString(yaml);
            if (node.isEmpty()) {
                throw new ScenarioException(file + ":1:1: the file is empty");
            }
            return new Value(file, node.get()).section();
        } catch (MarkedYamlEngineException e) {
            String at = e.getProblemMark()
                    .map(mark -> (mark.getLine() + 1) + ":" + (mark.getColumn() + 1))
                    .orElse("1:1");
            throw new ScenarioException(file + ":" + at + ": not YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new ScenarioException(file + ":1:1: not YAML: " + e.getMessage());
        }
    }

    private Scenario scenario(String name, Section root) throws ScenarioException {
        List<EdgeGroup> edges = edges(root.need("edges"));
        List<Model> allModels = models(root.need("models"));
        List<Backend> allBackends = backends(root.need("backends"));
        List<Kind> requests = new ArrayList<>();
        for (Value kind : root.need("requests").list()) {
            requests.add(kind(kind.section()));
        }
        List<Event> events = new ArrayList<>();
        Optional<Value> listed = root.find("events");
        if (listed.isPresent()) {
            for (Value event : listed.get().list()) {
                events.add(event(event.section()));
            }
        }
        Optional<Value> warmUp = root.find("warm-up");
        Optional<Value> timeout = root.find("first-byte-timeout");
        Scenario scenario = new Scenario(
                name,
                root.need("description").text(),
                root.need("weather").oneOf(Weather.class),
                (long) root.need("seed").number(),
                root.need("duration").nanos(),
                warmUp.isPresent() ? warmUp.get().nanos() : DEFAULT_WARM_UP_NANOS,
                timeout.isPresent() ? timeout.get().nanos() : DEFAULT_FIRST_BYTE_TIMEOUT_NANOS,
                edges,
                probes(root.need("probes").section()),
                allModels,
                allBackends,
                requests,
                arrivals(root.need("arrivals").section()),
                events);
        root.end();
        return scenario;
    }

    private List<EdgeGroup> edges(Value value) throws ScenarioException {
        List<EdgeGroup> edges = new ArrayList<>();
        for (Value item : value.list()) {
            Section section = item.section();
            Optional<Value> count = section.find("count");
            edges.add(new EdgeGroup(
                    section.need("name").text(), count.isPresent() ? count.get().count() : 1));
            section.end();
        }
        groups = edges.stream().map(EdgeGroup::name).toList();
        return edges;
    }

    private List<Model> models(Value value) throws ScenarioException {
        List<Model> all = new ArrayList<>();
        for (Map.Entry<String, Value> entry : value.entries().entrySet()) {
            Section section = entry.getValue().section();
            Optional<Value> perToken = section.find("per-1k-prompt-tokens");
            Optional<Value> between = section.find("between-tokens");
            all.add(new Model(
                    entry.getKey(),
                    section.need("sigma").number(),
                    perToken.isPresent() ? perToken.get().duration() / 1000 : 0,
                    between.isPresent() ? between.get().duration() : 0));
            section.end();
        }
        models = all.stream().map(Model::name).toList();
        return all;
    }

    private List<Backend> backends(Value value) throws ScenarioException {
        List<Backend> all = new ArrayList<>();
        for (Value item : value.list()) {
            all.add(backend(item.section()));
        }
        if (all.size() < 2 || all.size() > Tried.MAX_BACKENDS) {
            throw value.wrong("must be from 2 to " + Tried.MAX_BACKENDS + " backends");
        }
        backends = all.stream().map(Backend::name).toList();
        return all;
    }

    private Backend backend(Section section) throws ScenarioException {
        Optional<Value> region = section.find("region");
        Optional<Value> jitter = section.find("jitter");
        Optional<Value> tail = section.find("tail");
        double tailShare = 0;
        double tailFrom = 1;
        double tailTo = 1;
        if (tail.isPresent()) {
            Section of = tail.get().section();
            tailShare = of.need("share").share();
            List<Value> range = of.need("factor").list();
            if (range.size() != 2) {
                throw of.wrong("`factor` must be [from, to]");
            }
            tailFrom = range.get(0).positive();
            tailTo = range.get(1).positive();
            of.end();
        }
        Optional<Value> hangs = section.find("hangs");
        Optional<Value> load = section.find("load");
        Optional<Value> limit = section.find("rate-limit");
        Backend backend = new Backend(
                section.need("name").text(),
                section.need("provider").oneOf(Cloud.class),
                region.isPresent() ? region.get().text() : "",
                perName(section.need("rtt"), groups, "edge group"),
                jitter.isPresent() ? jitter.get().share() : 0,
                perName(section.need("first-token"), models, "model"),
                tailShare,
                tailFrom,
                tailTo,
                hangs.isPresent() ? hangs.get().share() : 0,
                load.isPresent() ? load(load.get().section()) : Load.NONE,
                limit.isPresent() ? Optional.of(rateLimit(limit.get().section())) : Optional.empty());
        section.end();
        return backend;
    }

    /** One duration for all, or one for each name. */
    private static double[] perName(Value value, List<String> names, String what) throws ScenarioException {
        double[] all = new double[names.size()];
        if (!value.isMapping()) {
            java.util.Arrays.fill(all, value.duration());
            return all;
        }
        Map<String, Value> entries = value.entries();
        for (int i = 0; i < all.length; i++) {
            Value one = entries.remove(names.get(i));
            if (one == null) {
                throw value.wrong("says nothing of the " + what + " " + names.get(i));
            }
            all[i] = one.duration();
        }
        for (Map.Entry<String, Value> stray : entries.entrySet()) {
            throw stray.getValue().wrong("no " + what + " is named " + stray.getKey());
        }
        return all;
    }

    private static Load load(Section section) throws ScenarioException {
        double capacity = section.need("capacity").positive();
        double knee = section.need("knee").share() * capacity;
        Optional<Value> limit = section.find("limit");
        Optional<Value> retryAfter = section.find("retry-after");
        Load load = new Load(
                capacity,
                knee,
                section.need("factor-at-capacity").positive(),
                limit.isPresent() ? limit.get().positive() : Double.MAX_VALUE,
                retryAfter.isPresent() ? retryAfter.get().nanos() : -1);
        if (knee >= capacity) {
            throw section.wrong("`knee` must be below 100%");
        }
        section.end();
        return load;
    }

    private static RateLimit rateLimit(Section section) throws ScenarioException {
        RateLimit limit = new RateLimit(
                section.need("requests").count(), section.need("window").nanos());
        section.end();
        return limit;
    }

    private ProbeKind probes(Section section) throws ScenarioException {
        Optional<Value> inference = section.find("inference");
        ProbeKind kind = new ProbeKind(
                section.need("interval").nanos(),
                section.need("timeout").nanos(),
                inference.isPresent() ? Optional.of(inference.get().indexIn(models, "model")) : Optional.empty());
        section.end();
        return kind;
    }

    private Kind kind(Section section) throws ScenarioException {
        Optional<Value> weight = section.find("weight");
        Optional<Value> streamed = section.find("streamed");
        Kind kind = new Kind(
                section.need("model").indexIn(models, "model"),
                weight.isPresent() ? weight.get().positive() : 1,
                streamed.isPresent() ? streamed.get().share() : 1,
                tokens(section.need("prompt-tokens").section()),
                tokens(section.need("output-tokens").section()));
        section.end();
        return kind;
    }

    private static Tokens tokens(Section section) throws ScenarioException {
        Optional<Value> sigma = section.find("sigma");
        Tokens tokens = new Tokens(
                section.need("median").positive(),
                sigma.isPresent() ? sigma.get().number() : 0);
        section.end();
        return tokens;
    }

    private Arrivals arrivals(Section section) throws ScenarioException {
        Value kind = section.need("kind");
        Arrivals arrivals =
                switch (kind.text()) {
                    case "constant" ->
                        new Arrivals.Constant(section.need("rate").positive());
                    case "poisson" -> new Arrivals.Poisson(section.need("rate").positive());
                    case "diurnal" ->
                        new Arrivals.Diurnal(
                                section.need("low").positive(),
                                section.need("high").positive(),
                                section.need("period").nanos());
                    case "bursts" ->
                        new Arrivals.Bursts(
                                section.need("rate").positive(),
                                section.need("every").nanos(),
                                section.need("size").count(),
                                section.need("within").nanos());
                    case "trace" -> trace(section);
                    default -> throw kind.wrong("must be constant, poisson, diurnal, bursts or trace");
                };
        section.end();
        return arrivals;
    }

    private Arrivals trace(Section section) throws ScenarioException {
        Value name = section.need("file");
        Optional<Value> speed = section.find("speed");
        try {
            return TraceFile.read(
                    folder.resolve(name.text()), speed.isPresent() ? speed.get().positive() : 1);
        } catch (java.io.IOException e) {
            throw name.wrong("can't be read as a trace: " + e.getMessage());
        }
    }

    private Event event(Section section) throws ScenarioException {
        long at = section.need("at").nanos();
        long lasts = section.need("for").nanos();
        Optional<Value> flap = section.find("flap");
        Optional<Value> watched = section.find("watch");
        Optional<Value> group = section.find("edges");
        Event event = new Event(
                section.need("backend").indexIn(backends, "backend"),
                at,
                at + lasts,
                flap.isPresent() ? flap.get().nanos() : 0,
                watched.isPresent() && watched.get().yes(),
                group.isPresent()
                        ? java.util.OptionalInt.of(group.get().indexIn(groups, "edge group"))
                        : java.util.OptionalInt.empty(),
                effect(section));
        section.end();
        return event;
    }

    private static Event.Effect effect(Section section) throws ScenarioException {
        List<Event.Effect> effects = new ArrayList<>();
        Optional<Value> slowdown = section.find("slowdown");
        Optional<Value> route = section.find("route");
        Optional<Value> outage = section.find("outage");
        Optional<Value> hangs = section.find("hangs");
        Optional<Value> errors = section.find("errors");
        Optional<Value> after = section.find("after");
        Optional<Value> throttle = section.find("throttle");
        Optional<Value> retryAfter = section.find("retry-after");
        if (slowdown.isPresent()) {
            effects.add(new Event.Effect.Slowdown(slowdown.get().positive()));
        }
        if (route.isPresent()) {
            effects.add(new Event.Effect.Route(route.get().duration()));
        }
        if (outage.isPresent() && outage.get().yes()) {
            effects.add(new Event.Effect.Outage());
        }
        if (hangs.isPresent()) {
            effects.add(new Event.Effect.Hangs(hangs.get().share()));
        }
        if (errors.isPresent()) {
            effects.add(new Event.Effect.Errors(
                    errors.get().share(), after.isPresent() ? after.get().nanos() : 3_000_000));
        }
        if (throttle.isPresent()) {
            effects.add(new Event.Effect.Throttle(
                    throttle.get().share(),
                    retryAfter.isPresent() ? retryAfter.get().nanos() : -1));
        }
        if (effects.size() != 1) {
            throw section.wrong("must have one of slowdown, route, outage, hangs, errors, throttle");
        }
        return effects.get(0);
    }
}
