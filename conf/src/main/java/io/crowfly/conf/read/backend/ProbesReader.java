package io.crowfly.conf.read.backend;

import io.crowfly.conf.Credential;
import io.crowfly.conf.Models;
import io.crowfly.conf.Probe;
import io.crowfly.conf.Provider;
import io.crowfly.conf.key.BackendKeys;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.QuantityReader;
import io.crowfly.conf.read.field.Section;
import io.crowfly.conf.read.field.SectionFields;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reader of {@code probes}, at the top level and in a backend, which also checks that the probe is possible at the
 * backend. A backend's keys override the top-level keys one by one. The kind of a probe counts as one key, so a
 * backend's {@code http} replaces the whole top-level kind.
 */
public final class ProbesReader {

    /** Settings of one {@code probes} section. A key that is absent or has a problem is empty. */
    public record Settings(
            Optional<Duration> interval,
            Optional<Duration> timeout,
            Optional<Integer> healthyAfter,
            Optional<Integer> unhealthyAfter,
            Optional<ConfiguredKind> kind) {

        public static final Settings NONE =
                new Settings(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

        Settings withDefaults(Settings defaults) {
            return new Settings(
                    interval.or(defaults::interval),
                    timeout.or(defaults::timeout),
                    healthyAfter.or(defaults::healthyAfter),
                    unhealthyAfter.or(defaults::unhealthyAfter),
                    kind.or(defaults::kind));
        }
    }

    /**
     * Kind of probe in the conf, with its place.
     *
     * @param field where a problem is reported if this kind is not possible at a backend
     */
    record ConfiguredKind(Probe.Kind kind, Field field) {}

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** Default timeout. Shorter than the interval, so that timeouts of a dead backend do not delay its next probes. */
    private static final Duration TIMEOUT = Duration.ofMillis(800);

    private static final int HEALTHY_AFTER = 2;
    private static final int UNHEALTHY_AFTER = 3;

    private ProbesReader() {}

    public static Settings read(Field field) {
        SectionFields fields = field.fields(Section.PROBES);
        return new Settings(
                fields.find("interval").flatMap(QuantityReader::duration),
                fields.find("timeout").flatMap(QuantityReader::duration),
                fields.find("healthy-after").flatMap(f -> f.integer(BackendKeys.IN_A_ROW)),
                fields.find("unhealthy-after").flatMap(f -> f.integer(BackendKeys.IN_A_ROW)),
                kind(fields));
    }

    private static Optional<ConfiguredKind> kind(SectionFields fields) {
        List<Field> given = new ArrayList<>();
        List.of("http", "tcp", "tls", "inference")
                .forEach(key -> fields.find(key).ifPresent(given::add));
        for (Field extra : given.subList(Math.min(1, given.size()), given.size())) {
            extra.keyProblem(
                    "a probe has one kind, and `" + given.get(0).name() + "` is given too", "remove one of them");
        }
        List<Optional<ConfiguredKind>> kinds =
                given.stream().map(ProbesReader::kindOf).toList();
        return kinds.stream().findFirst().flatMap(first -> first);
    }

    private static Optional<ConfiguredKind> kindOf(Field field) {
        return switch (field.name()) {
            case "http" -> http(field);
            case "inference" -> inference(field);
            case "tls" -> {
                field.fields(Section.TLS_PROBE);
                yield Optional.of(new ConfiguredKind(new Probe.Kind.Tls(), field));
            }
            default -> {
                field.fields(Section.TCP_PROBE);
                yield Optional.of(new ConfiguredKind(new Probe.Kind.Tcp(), field));
            }
        };
    }

    private static Optional<ConfiguredKind> http(Field field) {
        SectionFields fields = field.fields(Section.HTTP_PROBE);
        Optional<String> path =
                fields.require("path", "add `path: /health`, for example").flatMap(ProbesReader::path);
        Set<Integer> expect = new TreeSet<>();
        fields.find("expect")
                .ifPresentOrElse(
                        list -> list.items().forEach(item -> item.integer(BackendKeys.STATUS)
                                .ifPresent(expect::add)),
                        () -> expect.add(200));
        boolean reuse = reuseConnection(fields);
        return path.map(p -> new ConfiguredKind(new Probe.Kind.Http(p, expect, reuse), field));
    }

    private static Optional<String> path(Field field) {
        Optional<String> text = field.text();
        if (text.isPresent()
                && !(text.get().startsWith("/") && text.get().chars().allMatch(c -> c > ' ' && c < 0x7f && c != '#'))) {
            field.problem(
                    field.quoted() + " is not a path", "start it with `/`, and percent-encode special characters");
            return Optional.empty();
        }
        return text;
    }

    private static Optional<ConfiguredKind> inference(Field field) {
        SectionFields fields = field.fields(Section.INFERENCE_PROBE);
        Optional<Field> model = fields.require("model", "add the name of a model that the backend serves");
        boolean reuse = reuseConnection(fields);
        return model.flatMap(m -> m.text().map(name -> new ConfiguredKind(new Probe.Kind.Inference(name, reuse), m)));
    }

    private static boolean reuseConnection(SectionFields fields) {
        return fields.find("reuse-connection").flatMap(Field::flag).orElse(true);
    }

    /** Reports a problem if the kind of probe is not possible at this backend. */
    static void check(Settings settings, String backend, Optional<Boolean> tls, Models models, Credential credential) {
        settings.kind().ifPresent(given -> {
            if (given.kind() instanceof Probe.Kind.Tls && tls.isPresent() && !tls.get()) {
                given.field()
                        .keyProblem(
                                "a `tls` probe can't reach " + backend + ", whose `url` is http://",
                                "use `tcp` or `http` there, or an https:// url");
            }
            if (given.kind() instanceof Probe.Kind.Inference && credential instanceof Credential.Passthrough) {
                given.field()
                        .keyProblem(
                                "an `inference` probe has no credential for " + backend + ", because of `passthrough`",
                                "use `tls`, `tcp`, or `http` with the status for requests without credential");
            }
            if (given.kind() instanceof Probe.Kind.Inference inference && !models.serves(inference.model())) {
                given.field()
                        .problem(
                                backend + " does not serve model "
                                        + given.field().quoted(),
                                "name one of its `models`, or set `probes` at that backend");
            }
        });
    }

    /** Returns the probe of a backend: the given settings, and the default of every key that is not set. */
    static Probe resolve(Settings settings, Provider provider, URI url, Credential credential) {
        return new Probe(
                settings.interval().orElse(INTERVAL),
                settings.timeout().orElse(TIMEOUT),
                settings.healthyAfter().orElse(HEALTHY_AFTER),
                settings.unhealthyAfter().orElse(UNHEALTHY_AFTER),
                settings.kind().map(ConfiguredKind::kind).orElseGet(() -> defaultKind(provider, url, credential)));
    }

    /**
     * Returns the default kind: the kind that checks most without using tokens. A request for the list of models checks
     * the front end and the credential. Vertex AI has no free list of models, so its probe is a handshake with Google's
     * nearest front end. With {@code passthrough} a probe has no credential, so its probe is a handshake too.
     */
    private static Probe.Kind defaultKind(Provider provider, URI url, Credential credential) {
        if (provider instanceof Provider.Google || credential instanceof Credential.Passthrough) {
            return url.getScheme().equals("https") ? new Probe.Kind.Tls() : new Probe.Kind.Tcp();
        }
        return new Probe.Kind.Http(modelsPath(provider, url.getRawPath()), Set.of(200), true);
    }

    private static String modelsPath(Provider provider, String prefix) {
        if (provider instanceof Provider.Gemini) {
            return prefix + "/v1beta/openai/models";
        } else if (provider instanceof Provider.OpenAi openAi) {
            return prefix + openAi.basePath().orElse("/v1") + "/models";
        }
        Provider.Azure azure = (Provider.Azure) provider;
        String base = prefix.endsWith("/openai") || prefix.endsWith("/openai/v1") ? prefix : prefix + "/openai";
        String version = azure.api() == Provider.Azure.Api.V1 && !base.endsWith("/v1") ? "/v1" : "";
        return base + version + "/models"
                + azure.apiVersion().map(v -> "?api-version=" + v).orElse("");
    }
}
