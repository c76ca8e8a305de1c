package io.crowfly.bench.endpoint;

import java.util.HashMap;
import java.util.Map;

/** A dialect's good answers, read once. */
final class ApiFixtures {

    private final Map<String, Fixture> whole = new HashMap<>();
    private final Map<String, StreamFixture> streamed = new HashMap<>();

    ApiFixtures(Dialect dialect) {
        for (Api api : dialect.serves()) {
            if (!api.fixture.isEmpty()) {
                read(dialect.fixtures(), api, api.fixture);
            }
            if (api.canCallTools()) {
                read(dialect.fixtures(), api, api.fixture + "-tool");
            }
        }
    }

    private void read(String folder, Api api, String name) {
        whole.put(name, Fixture.read(folder + "/" + name + ".http"));
        if (api.canStream()) {
            streamed.put(name, StreamFixture.read(folder + "/" + name + "-stream.http"));
        }
    }

    /** Only of an API that the dialect serves, and {@code tool} only if that can call any. */
    Fixture whole(Api api, boolean tool) {
        return present(whole, api, tool);
    }

    /** Only of an API that the dialect serves and that streams. */
    StreamFixture streamed(Api api, boolean tool) {
        return present(streamed, api, tool);
    }

    Answer models() {
        return Answer.of(whole(Api.MODELS, false), Answer.values(Map.of()));
    }

    private static <T> T present(Map<String, T> fixtures, Api api, boolean tool) {
        T fixture = fixtures.get(api.fixture + (tool ? "-tool" : ""));
        if (fixture == null) {
            throw new IllegalStateException("this dialect has no fixture for " + api);
        }
        return fixture;
    }
}
