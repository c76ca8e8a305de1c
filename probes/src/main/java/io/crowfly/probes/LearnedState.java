package io.crowfly.probes;

import io.crowfly.probes.forecast.Api;
import io.crowfly.probes.forecast.RequestClass;
import io.crowfly.probes.forecast.RequestClasses;
import io.crowfly.probes.state.StateFields;
import io.crowfly.probes.state.StateFormatException;
import io.crowfly.probes.state.StateReader;
import io.crowfly.probes.state.StateWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/*
 * Not transferred are responses that the estimates do not contain yet (those of about the last second), the evidence of
 * jump tests, and the results of probes. The new process probes every backend itself before it gets traffic.
 */

/** Transfer of all that was learned of the backends, from one process to the process that replaces it. */
final class LearnedState {

    /**
     * Version of the tree. New fields need no new version. A version is needed when the meaning of a field changes:
     * a process reads only the version that it writes.
     */
    static final long FORMAT = 1;

    private static final RequestClass NO_CLASS = new RequestClass(Api.OTHER, "", false);

    private LearnedState() {}

    static Map<String, Object> write(RequestClasses classes, Collection<BackendState> backends, long nowNanos) {
        StateWriter document = new StateWriter(nowNanos);
        document.whole("format", FORMAT);
        List<StateWriter> writtenClasses = new ArrayList<>();
        classes.all().forEach((requestClass, statistics) -> {
            StateWriter element = document.element();
            transfer(requestClass, element);
            statistics.transfer(element);
            writtenClasses.add(element);
        });
        document.elements("classes", writtenClasses);
        document.elements(
                "backends",
                backends.stream().map(backend -> write(backend, document)).toList());
        return document.tree();
    }

    private static StateWriter write(BackendState backend, StateWriter document) {
        StateWriter written = document.element();
        written.text("name", backend.backend().name());
        written.text("url", backend.backend().url().toString());
        backend.transfer(written);
        List<StateWriter> models = new ArrayList<>();
        backend.health().models().all().forEach((model, state) -> {
            StateWriter element = document.element();
            element.text("model", model);
            state.transfer(element);
            models.add(element);
        });
        written.elements("models", models);
        List<StateWriter> estimators = new ArrayList<>();
        backend.estimators().forEach((requestClass, estimator) -> {
            StateWriter element = document.element();
            transfer(requestClass, element);
            estimator.transfer(element);
            estimators.add(element);
        });
        written.elements("estimators", estimators);
        return written;
    }

    /**
     * Reads the tree into the states of the backends. Backends and models that the conf of this process does not have
     * are skipped.
     *
     * @param backends by name
     * @return what was skipped and why, for operators
     * @throws StateFormatException if the tree is of another version, or its classes cannot be read; then nothing has
     *     changed
     */
    static List<String> read(StateReader document, RequestClasses classes, Map<String, BackendState> backends) {
        long format = document.whole("format", 0);
        if (format != FORMAT) {
            throw new StateFormatException("the format is " + format + ", and this version reads " + FORMAT);
        }
        RequestClasses scratch = scratchClasses();
        readClasses(document, scratch, backends.values());
        readClasses(document, classes, backends.values());
        List<String> skipped = new ArrayList<>();
        for (StateReader element : document.elements("backends")) {
            String name = element.text("name", "");
            BackendState backend = backends.get(name);
            if (backend == null || !backend.backend().url().toString().equals(element.text("url", ""))) {
                skipped.add("backend " + name + ": not in the conf of this process, or with another URL");
                continue;
            }
            try {
                // At first into an object that is thrown away, so that a broken tree leaves no half state.
                read(element, new BackendState(backend.backend(), scratch));
                read(element, backend);
            } catch (StateFormatException e) {
                skipped.add("backend " + name + ": " + e.getMessage());
            }
        }
        return skipped;
    }

    private static RequestClasses scratchClasses() {
        return new RequestClasses(evicted -> {});
    }

    private static void readClasses(StateReader document, RequestClasses classes, Collection<BackendState> backends) {
        for (StateReader element : document.elements("classes")) {
            RequestClass requestClass = transfer(NO_CLASS, element);
            if (backends.stream().anyMatch(backend -> serves(backend, requestClass.model()))) {
                classes.getOrCreate(requestClass).transfer(element);
            }
        }
    }

    private static void read(StateReader element, BackendState backend) {
        backend.transfer(element);
        for (StateReader model : element.elements("models")) {
            RequestClass anyOfModel = new RequestClass(Api.CHAT_COMPLETIONS, model.text("model", ""), true);
            if (serves(backend, anyOfModel.model())) {
                backend.health().models().getOrCreate(anyOfModel).transfer(model);
            }
        }
        for (StateReader estimator : element.elements("estimators")) {
            RequestClass requestClass = transfer(NO_CLASS, estimator);
            if (serves(backend, requestClass.model())) {
                backend.estimator(requestClass).transfer(estimator);
            }
        }
    }

    private static boolean serves(BackendState backend, String model) {
        return model.isEmpty() || backend.backend().models().serves(model);
    }

    private static RequestClass transfer(RequestClass requestClass, StateFields fields) {
        return new RequestClass(
                fields.constant("api", requestClass.api()),
                fields.text("model", requestClass.model()),
                fields.flag("streamed", requestClass.streamed()));
    }
}
