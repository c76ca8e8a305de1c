package io.crowfly.balancer.listener;

import io.crowfly.conf.CertificateFiles;
import io.crowfly.conf.Listener;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.DomainWildcardMappingBuilder;
import io.netty.util.Mapping;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Factory of the TLS contexts of a listener (BoringSSL): one context per certificate, selected by the server name (SNI)
 * that the client sends.
 */
final class ServerTls {

    private static final int DNS_NAME = 2;
    private static final ApplicationProtocolConfig HTTP_1_1 = new ApplicationProtocolConfig(
            ApplicationProtocolConfig.Protocol.ALPN,
            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
            Listener.Protocol.HTTP_1_1.alpnName());

    private ServerTls() {}

    /**
     * Returns the contexts by host name. A host name without a certificate gets the first context.
     *
     * @throws IOException if a certificate or key can't be read or parsed
     */
    static Mapping<String, SslContext> contexts(Listener.Tls tls) throws IOException {
        List<CertificateFiles> certificates = tls.certificates();
        Map<String, SslContext> byName = new LinkedHashMap<>();
        SslContext first = null;
        for (CertificateFiles files : certificates) {
            SslContext context = context(files);
            first = first == null ? context : first;
            for (String name : dnsNames(files.cert())) {
                byName.putIfAbsent(name, context);
            }
        }
        DomainWildcardMappingBuilder<SslContext> mapping = new DomainWildcardMappingBuilder<>(first);
        for (Map.Entry<String, SslContext> entry : byName.entrySet()) {
            try {
                mapping.add(entry.getKey(), entry.getValue());
            } catch (IllegalArgumentException e) {
                throw new IOException("a certificate is for `" + entry.getKey() + "`, which is not a host name", e);
            }
        }
        return mapping.build();
    }

    private static SslContext context(CertificateFiles files) throws IOException {
        try {
            return SslContextBuilder.forServer(
                            files.cert().toFile(), files.key().toFile())
                    .sslProvider(SslProvider.OPENSSL)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .applicationProtocolConfig(HTTP_1_1)
                    .build();
        } catch (IllegalArgumentException e) {
            throw new IOException(files.cert() + " and " + files.key() + " are not a certificate and key in PEM", e);
        }
    }

    private static List<String> dnsNames(Path cert) throws IOException {
        try (InputStream in = new FileInputStream(cert.toFile())) {
            X509Certificate leaf =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
            List<String> names = new ArrayList<>();
            var alternatives = leaf.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> alternative : alternatives) {
                    if (alternative.get(0).equals(DNS_NAME)) {
                        names.add(((String) alternative.get(1)).toLowerCase(Locale.ROOT));
                    }
                }
            }
            return names;
        } catch (CertificateException e) {
            throw new IOException(cert + " is not a certificate in PEM", e);
        }
    }
}
