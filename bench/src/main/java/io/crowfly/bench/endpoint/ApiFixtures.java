package io.crowfly.bench.endpoint;

import java.util.EnumMap;
import java.util.Map;

/** A dialect's good answers, read once. */
final class ApiFixtures {

    private final Map<Api, Fixture> whole = new EnumMap<>(Api.class);
    private final Map<Api, StreamFixture> streamed = new EnumMap<>(Api.class);

    ApiFixtures(Dialect dialect) {
        read(dialect, Api.CHAT, "chat");
        read(dialect, Api.RESPONSES, "responses");
        read(dialect, Api.EMBEDDINGS, "embeddings");
        read(dialect, Api.MODELS, "models");
    }

    private void read(Dialect dialect, Api api, String name) {
        if (!dialect.serves().contains(api)) {
            return;
        }
        whole.put(api, Fixture.read(dialect.name() + "/" + name + ".http"));
        if (api == Api.CHAT || api == Api.RESPONSES) {
            streamed.put(api, StreamFixture.read(dialect.name() + "/" + name + "-stream.http"));
        }
    }

    /** Only of an API that the dialect serves. */
    Fixture whole(Api api) {
        return present(whole, api);
    }

    /** Only of {@link Api#CHAT} and {@link Api#RESPONSES}, where the dialect serves them. */
    StreamFixture streamed(Api api) {
        return present(streamed, api);
    }

    Answer models() {
        return Answer.of(whole(Api.MODELS), Answer.values(Map.of()));
    }

    private static <T> T present(Map<Api, T> fixtures, Api api) {
        T fixture = fixtures.get(api);
        if (fixture == null) {
            throw new IllegalStateException("this dialect has no fixture for " + api);
        }
        return fixture;
    }
}
