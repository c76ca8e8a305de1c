package io.crowfly.bench.policies.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads one event of a scenario file. */
record EventReader(List<String> backends, List<String> groups) {

    Event event(Section section) throws ScenarioException {
        long at = section.need("at").nanos();
        long lasts = section.need("for").nanos();
        Optional<Value> flap = section.find("flap");
        Optional<Value> watched = section.find("watch");
        Optional<Value> group = section.find("route").isPresent() ? section.find("edges") : Optional.empty();
        Event event = new Event(
                section.need("backend").indexIn(backends, "backend"),
                at,
                at + lasts,
                flap.isPresent() ? flap.get().nanos() : 0,
                watched.isPresent() && watched.get().yes(),
                group.isPresent() ? OptionalInt.of(group.get().indexIn(groups, "edge group")) : OptionalInt.empty(),
                effect(section));
        section.end();
        return event;
    }

    /** Keys that belong to another effect are not asked for, and so unknown. */
    private static Event.Effect effect(Section section) throws ScenarioException {
        List<Event.Effect> effects = new ArrayList<>();
        Optional<Value> slowdown = section.find("slowdown");
        Optional<Value> route = section.find("route");
        Optional<Value> outage = section.find("outage");
        Optional<Value> hangs = section.find("hangs");
        Optional<Value> errors = section.find("errors");
        Optional<Value> throttle = section.find("throttle");
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
                    errors.get().share(), section.need("after").nanos()));
        }
        if (throttle.isPresent()) {
            Optional<Value> retryAfter = section.find("retry-after");
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
