package io.crowfly.bench.policies.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads one event of a scenario file. */
record EventReader(List<String> backends, List<String> groups) {

    Event event(Section section) throws ScenarioException {
        long at = section.required("at").nanos();
        long duration = section.required("for").nanos();
        Optional<Value> flap = section.optional("flap");
        Optional<Value> watched = section.optional("watch");
        Optional<Value> group = section.optional("route").isPresent() ? section.optional("edges") : Optional.empty();
        Event event = new Event(
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

    /** Reads the effect of an event. Keys of other effects are not read, so that they are reported as unknown. */
    private static Event.Effect effect(Section section) throws ScenarioException {
        List<Event.Effect> effects = new ArrayList<>();
        Optional<Value> slowdown = section.optional("slowdown");
        Optional<Value> route = section.optional("route");
        Optional<Value> outage = section.optional("outage");
        Optional<Value> hangs = section.optional("hangs");
        Optional<Value> errors = section.optional("errors");
        Optional<Value> throttle = section.optional("throttle");
        if (slowdown.isPresent()) {
            effects.add(new Event.Effect.Slowdown(slowdown.get().positive()));
        }
        if (route.isPresent()) {
            effects.add(new Event.Effect.Route(route.get().duration()));
        }
        if (outage.isPresent() && outage.get().bool()) {
            effects.add(new Event.Effect.Outage());
        }
        if (hangs.isPresent()) {
            effects.add(new Event.Effect.Hangs(hangs.get().share()));
        }
        if (errors.isPresent()) {
            effects.add(new Event.Effect.Errors(
                    errors.get().share(), section.required("after").nanos()));
        }
        if (throttle.isPresent()) {
            Optional<Value> retryAfter = section.optional("retry-after");
            effects.add(new Event.Effect.Throttle(
                    throttle.get().share(),
                    retryAfter.isPresent() ? retryAfter.get().nanos() : -1));
        }
        if (effects.size() != 1) {
            throw section.problem("must have one of slowdown, route, outage, hangs, errors, throttle");
        }
        return effects.get(0);
    }
}
