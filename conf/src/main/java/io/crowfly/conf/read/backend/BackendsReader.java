package io.crowfly.conf.read.backend;

import io.crowfly.conf.Backend;
import io.crowfly.conf.BackendHeaders;
import io.crowfly.conf.Credential;
import io.crowfly.conf.Models;
import io.crowfly.conf.Provider;
import io.crowfly.conf.key.BackendKeys;
import io.crowfly.conf.read.field.CertificateDates;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.LabelsReader;
import io.crowfly.conf.read.field.NameReader;
import io.crowfly.conf.read.field.PemReader;
import io.crowfly.conf.read.field.Section;
import io.crowfly.conf.read.field.SectionFields;
import io.crowfly.conf.read.field.UrlReader;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reader of the conf section {@code backends}, which turns each valid item into a {@link Backend}. */
public final class BackendsReader {

    private final ProbesReader.Settings probes;
    private final NameReader names = new NameReader();
    private final Map<String, Integer> weights = new HashMap<>();
    private final Map<String, Integer> maxInFlight = new HashMap<>();

    /** @param probes the top-level settings, used for keys that a backend does not set */
    public BackendsReader(ProbesReader.Settings probes) {
        this.probes = probes;
    }

    public List<Backend> read(Field backends) {
        return backends.items().stream()
                .map(this::backend)
                .flatMap(Optional::stream)
                .toList();
    }

    /** Returns the weights in the file, by the names of the backends. */
    public Map<String, Integer> weights() {
        return weights;
    }

    /** Returns the limits of requests in flight in the file, by the names of the backends. */
    public Map<String, Integer> maxInFlight() {
        return maxInFlight;
    }

    private Optional<Backend> backend(Field field) {
        SectionFields fields = field.fields(Section.BACKEND);
        Optional<String> name = fields.require("name", "add `name: azure-westeurope`, for example")
                .flatMap(names::readUnique);
        Optional<String> region = fields.find("region").flatMap(NameReader::read);
        Optional<Provider> provider = ProviderReader.read(fields, region);
        Optional<Field> urlField = fields.require("url", ProviderReader.mendMissingUrl(fields));
        Optional<URI> url = urlField.flatMap(UrlReader::read);
        Credential credential = fields.find("credential")
                .map(f -> CredentialReader.read(f, provider, url))
                .orElse(new Credential.None());
        Models models = fields.find("models").map(ModelsReader::read).orElse(Models.ALL);
        BackendHeaders headers = fields.find("headers")
                .map(f -> BackendHeadersReader.read(f, provider))
                .orElse(BackendHeaders.NONE);
        ProbesReader.Settings settings = fields.find("probes")
                .map(ProbesReader::read)
                .orElse(ProbesReader.Settings.NONE)
                .withDefaults(probes);
        fields.find("weight")
                .flatMap(f -> f.integer(BackendKeys.WEIGHT))
                .ifPresent(weight -> name.ifPresent(n -> weights.put(n, weight)));
        fields.find("max-in-flight")
                .flatMap(f -> f.integer(BackendKeys.MAX_IN_FLIGHT))
                .ifPresent(limit -> name.ifPresent(n -> maxInFlight.put(n, limit)));
        Optional<Boolean> tls = url.map(u -> u.getScheme().equals("https"));
        Optional<Path> ca = fields.find("tls").flatMap(f -> ca(f, tls));

        ProbesReader.check(settings, "backend `" + name.orElse(field.name()) + "`", tls, models, credential);
        if (name.isEmpty() || provider.isEmpty() || url.isEmpty()) {
            return Optional.empty();
        }
        ProviderUrlCheck.check(provider.get(), url.get(), urlField.orElseThrow());
        return Optional.of(new Backend(
                name.get(),
                provider.get(),
                url.get(),
                region.orElse(provider.get() instanceof Provider.Google google ? google.location() : ""),
                fields.find("tier").flatMap(f -> f.integer(BackendKeys.TIER)).orElse(1),
                fields.find("labels").map(LabelsReader::read).orElse(Map.of()),
                credential,
                models,
                ProbesReader.resolve(settings, provider.get(), url.get(), credential),
                ca,
                headers));
    }

    private static Optional<Path> ca(Field field, Optional<Boolean> tls) {
        if (tls.isPresent() && !tls.get()) {
            field.keyProblem("`tls` is given, but `url` is http://", "remove it, or write an https:// url");
        }
        return field.fields(Section.BACKEND_TLS)
                .require("ca", "add `ca: tls/ca.crt`, a PEM file of the authorities to trust, or remove `tls`")
                .flatMap(BackendsReader::authorities);
    }

    private static Optional<Path> authorities(Field file) {
        Optional<PemReader.Chain> authorities = PemReader.certificates(file);
        authorities.ifPresent(chain -> CertificateDates.checkAuthorities(file, chain));
        return authorities.map(PemReader.Chain::file);
    }
}
