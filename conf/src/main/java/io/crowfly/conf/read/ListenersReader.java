package io.crowfly.conf.read;

import io.crowfly.conf.BindAddress;
import io.crowfly.conf.CertificateFiles;
import io.crowfly.conf.Cors;
import io.crowfly.conf.Listener;
import io.crowfly.conf.read.field.CertificateDates;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.NameReader;
import io.crowfly.conf.read.field.PemReader;
import io.crowfly.conf.read.field.Section;
import io.crowfly.conf.read.field.SectionFields;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reader of the conf section {@code listeners}, which also checks certificates and private keys. */
final class ListenersReader {

    private static final Set<String> PROTOCOLS_TO_COME = Set.of("h2", "h2c", "h3");

    private final BindAddressReader binds;
    private final NameReader names = new NameReader();

    ListenersReader(BindAddressReader binds) {
        this.binds = binds;
    }

    List<Listener> read(Field listeners) {
        return listeners.items().stream()
                .map(this::listener)
                .flatMap(Optional::stream)
                .toList();
    }

    private Optional<Listener> listener(Field field) {
        SectionFields fields = field.fields(Section.LISTENER);
        Optional<String> name =
                fields.require("name", "add `name: public`, for example").flatMap(names::readUnique);
        String owner = "listener `" + name.orElse(field.name()) + "`";
        Optional<BindAddress> bind = fields.require("bind", "add `bind: 0.0.0.0:8443`, for example")
                .flatMap(address -> binds.read(address, owner));
        Set<Listener.Protocol> protocols =
                fields.find("protocols").map(ListenersReader::protocols).orElse(Set.of(Listener.Protocol.HTTP_1_1));
        Optional<Listener.Tls> tls = fields.find("tls").map(ListenersReader::tls);
        Optional<Cors> cors = fields.find("cors").flatMap(CorsReader::read);
        return name.flatMap(n -> bind.map(b -> new Listener(n, b, protocols, tls, cors)));
    }

    private static Set<Listener.Protocol> protocols(Field field) {
        Set<Listener.Protocol> protocols = new LinkedHashSet<>();
        for (Field item : field.items()) {
            item.text().ifPresent(text -> {
                if (text.equals(Listener.Protocol.HTTP_1_1.alpnName())) {
                    protocols.add(Listener.Protocol.HTTP_1_1);
                } else if (PROTOCOLS_TO_COME.contains(text)) {
                    item.problem(item.quoted() + " is not built yet", "remove it: only http/1.1 is supported");
                } else {
                    item.problem("unknown protocol " + item.quoted(), "write http/1.1");
                }
            });
        }
        return protocols;
    }

    private static Listener.Tls tls(Field field) {
        List<CertificateFiles> certificates = new ArrayList<>();
        field.fields(Section.LISTENER_TLS)
                .require("certificates", "add `certificates: [{cert: tls/edge.crt, key: tls/edge.key}]`")
                .ifPresent(
                        list -> list.items().forEach(item -> certificate(item).ifPresent(certificates::add)));
        return new Listener.Tls(certificates);
    }

    private static Optional<CertificateFiles> certificate(Field field) {
        SectionFields fields = field.fields(Section.CERTIFICATE);
        Optional<Field> cert = fields.require("cert", "add `cert: tls/edge.crt`, a PEM file of the chain, leaf first");
        Optional<Field> key = fields.require("key", "add `key: tls/edge.key`, a PEM file of the private key");
        Optional<PemReader.Chain> chain = cert.flatMap(PemReader::certificates);
        Optional<PemReader.Key> privateKey = key.flatMap(PemReader::privateKey);
        if (chain.isEmpty() || privateKey.isEmpty()) {
            return Optional.empty();
        }
        if (!privateKey.get().belongsTo(chain.get().leaf())) {
            key.orElseThrow()
                    .problem(
                            key.orElseThrow().quoted() + " is not the key of the first certificate in "
                                    + cert.orElseThrow().quoted(),
                            "name the key of that certificate, and put the leaf first in the chain");
            return Optional.empty();
        }
        CertificateDates.checkChain(cert.orElseThrow(), chain.get());
        return Optional.of(
                new CertificateFiles(chain.get().file(), privateKey.get().file()));
    }
}
