package io.crowfly.conf.read;

import io.crowfly.conf.Backend;
import io.crowfly.conf.State;
import io.crowfly.conf.key.TopLevelKeys;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.QuantityReader;
import io.crowfly.conf.read.field.Section;
import io.crowfly.conf.read.field.SectionFields;
import io.crowfly.conf.value.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reader of the conf section {@code state}, for requests that refer to stored responses and files. */
final class StateReader {

    /**
     * Default timeout of the Redis server. Long enough for a server in the same region. Short enough that a request is
     * delayed little if the server is down.
     */
    private static final Duration REDIS_TIMEOUT = Duration.ofMillis(50);

    private static final String REDIS_FORM =
            "write redis://HOST:6379 or rediss://HOST:6379, user and password percent-encoded,"
                    + " and /NUMBER for another database";

    private StateReader() {}

    /**
     * Reads the section.
     *
     * @param backends empty if a backend has a problem; then the name of the default owner is not checked
     */
    static State read(Field field, List<Backend> backends) {
        SectionFields fields = field.fields(Section.STATE);
        State defaults = State.DEFAULT;
        return new State(
                fields.find("default-owner").flatMap(f -> BackendNameReader.read(f, backends)),
                fields.find("ttl").flatMap(QuantityReader::days).orElse(defaults.ttl()),
                fields.find("ids").flatMap(f -> f.integer(TopLevelKeys.IDS)).orElse(defaults.maxIds()),
                fields.find("redis").flatMap(StateReader::redis));
    }

    private static Optional<State.Redis> redis(Field field) {
        SectionFields fields = field.fields(Section.REDIS);
        Optional<Secret> url = fields.require("url", "add `url: redis://HOST:6379`, or remove `redis`")
                .flatMap(StateReader::url);
        Duration timeout =
                fields.find("timeout").flatMap(QuantityReader::duration).orElse(REDIS_TIMEOUT);
        return url.map(u -> new State.Redis(u, timeout));
    }

    /** Reads the URL of the Redis server. Problems do not quote the URL, because it may contain a password. */
    private static Optional<Secret> url(Field field) {
        Optional<String> text = field.text();
        if (text.isPresent() && !isRedis(text.get())) {
            field.problem("`url` is not the URL of a Redis server", REDIS_FORM);
            return Optional.empty();
        }
        return text.map(Secret::new);
    }

    private static boolean isRedis(String text) {
        try {
            URI url = new URI(text);
            return url.getScheme() != null
                    && url.getScheme().matches("rediss?")
                    && url.getHost() != null
                    && url.getPort() != 0
                    && url.getPort() <= 65535
                    && url.getRawPath().matches("/?|/\\d{1,5}")
                    && url.getRawQuery() == null
                    && url.getRawFragment() == null;
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
