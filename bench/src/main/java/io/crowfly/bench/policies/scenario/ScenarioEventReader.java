package io.crowfly.bench.policies.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reader of one element of {@code events} in a scenario file.
 *
 * @param backends names of the backends
 * @param groups names of the edge groups
 * @param models names of the models
 */
record ScenarioEventReader(List<String> backends, List<String> groups, List<String> models) {

    ScenarioEvent event(ScenarioSection section) throws ScenarioException {
        long at = section.required("at").nanos();
        long duration = section.required("for").nanos();
        Optional<ScenarioValue> flap = section.optional("flap");
        Optional<ScenarioValue> watched = section.optional("watch");
        Optional<ScenarioValue> group =
                section.optional("route").isPresent() ? section.optional("edges") : Optional.empty();
        ScenarioEvent event = new ScenarioEvent(
                section.required("backend").indexIn(backends, "backend"),
                at,
                at + duration,
                flap.isPresent() ? flap.get().nanos() : 0,
                watched.isPresent() && watched.get().bool(),
                group.isPresent() ? OptionalInt.of(group.get().indexIn(groups, "edge group")) : OptionalInt.empty(),
                effect(section));
        section.rejectUnknownKeys();
        return event;
    }

    /**
     * Reads the effect of an event. Keys of other effects are not read, so that the section reports them as unknown.
     */
    private ScenarioEvent.Effect effect(ScenarioSection section) throws ScenarioException {
        List<ScenarioEvent.Effect> effects = new ArrayList<>();
        Optional<ScenarioValue> slowdown = section.optional("slowdown");
        Optional<ScenarioValue> route = section.optional("route");
        Optional<ScenarioValue> slowFirst = section.optional("slow-first");
        Optional<ScenarioValue> freeze = section.optional("freeze");
        Optional<ScenarioValue> absent = section.optional("absent");
        Optional<ScenarioValue> outage = section.optional("outage");
        Optional<ScenarioValue> hangs = section.optional("hangs");
        Optional<ScenarioValue> errors = section.optional("errors");
        Optional<ScenarioValue> throttle = section.optional("throttle");
        if (slowdown.isPresent()) {
            effects.add(new ScenarioEvent.Effect.Slowdown(slowdown.get().positive()));
        }
        if (route.isPresent()) {
            effects.add(new ScenarioEvent.Effect.Route(route.get().duration()));
        }
        if (slowFirst.isPresent()) {
            effects.add(slowFirst(slowFirst.get().section()));
        }
        if (freeze.isPresent() && freeze.get().bool()) {
            effects.add(new ScenarioEvent.Effect.Freeze());
        }
        if (absent.isPresent() && absent.get().bool()) {
            effects.add(new ScenarioEvent.Effect.Absence());
        }
        if (outage.isPresent() && outage.get().bool()) {
            effects.add(new ScenarioEvent.Effect.Outage());
        }
        if (hangs.isPresent()) {
            effects.add(new ScenarioEvent.Effect.Hangs(hangs.get().share()));
        }
        if (errors.isPresent()) {
            Optional<ScenarioValue> model = section.optional("model");
            effects.add(new ScenarioEvent.Effect.Errors(
                    errors.get().share(),
                    section.required("after").nanos(),
                    model.isPresent() ? OptionalInt.of(model.get().indexIn(models, "model")) : OptionalInt.empty()));
        }
        if (throttle.isPresent()) {
            Optional<ScenarioValue> retryAfter = section.optional("retry-after");
            effects.add(new ScenarioEvent.Effect.Throttle(
                    throttle.get().share(),
                    retryAfter.isPresent() ? retryAfter.get().nanos() : -1));
        }
        if (effects.size() != 1) {
            throw section.problem(
                    "must have one of slowdown, route, slow-first, freeze, absent, outage, hangs, errors, throttle");
        }
        return effects.get(0);
    }

    private static ScenarioEvent.Effect slowFirst(ScenarioSection section) throws ScenarioException {
        ScenarioEvent.Effect effect = new ScenarioEvent.Effect.SlowFirst(
                section.required("requests").count(),
                section.required("first-token").duration());
        section.rejectUnknownKeys();
        return effect;
    }
}
