package io.crowfly.conf;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** {@code backends[].provider}, with {@code project} and {@code location}, which only Google's has. */
final class ProviderReader {

    private static final List<String> LABELS = List.of("azure", "google", "openai");

    /** They become segments of a path. A project may belong to a domain: {@code example.com:name}. */
    private static final Pattern SEGMENT = Pattern.compile("[a-z0-9]([a-z0-9.:-]*[a-z0-9])?");

    private ProviderReader() {}

    static Optional<Provider> read(Fields backend, Optional<String> region) {
        Optional<Field> field = backend.require("provider", "add `provider: azure`, google or openai");
        Optional<Field> project = backend.find("project");
        Optional<Field> location = backend.find("location");
        Optional<String> label = field.flatMap(ProviderReader::label);
        if (label.isEmpty()) {
            return Optional.empty();
        }
        if (label.get().equals("google")) {
            return google(backend, region);
        }
        project.ifPresent(f -> f.keyProblem("`project` is Google's, and this provider is not", "remove it"));
        location.ifPresent(
                f -> f.keyProblem("`location` is Google's, and this provider is not", "remove it, or write `region`"));
        return Optional.of(label.get().equals("azure") ? new Provider.Azure() : new Provider.OpenAi());
    }

    /** One of the names of providers. */
    static Optional<String> label(Field field) {
        Optional<String> text = field.text();
        if (text.isPresent() && !LABELS.contains(text.get())) {
            field.problem("unknown provider " + field.quoted(), Spelling.mend(text.get(), LABELS, "remove it"));
            return Optional.empty();
        }
        return text;
    }

    private static Optional<Provider> google(Fields backend, Optional<String> region) {
        Optional<String> project = backend.require("project", "add the Google Cloud project that is billed")
                .flatMap(ProviderReader::segment);
        Optional<String> location = location(backend, region);
        return project.flatMap(p -> location.map(l -> new Provider.Google(p, l)));
    }

    private static Optional<String> location(Fields backend, Optional<String> region) {
        Optional<Field> instead = backend.find("location").isPresent() ? Optional.empty() : backend.find("region");
        if (instead.isPresent()) {
            // A region that is no name was told already.
            return region.flatMap(ignored -> segment(instead.get()));
        }
        return backend.require("location", "add it, or `region`: europe-west4, for example")
                .flatMap(ProviderReader::segment);
    }

    private static Optional<String> segment(Field field) {
        Optional<String> text = field.text();
        if (text.isPresent() && !SEGMENT.matcher(text.get()).matches()) {
            field.problem(
                    field.quoted() + " can't be a " + field.name(),
                    "use Google's identifier: lower case, digits and `-`");
            return Optional.empty();
        }
        return text;
    }
}
