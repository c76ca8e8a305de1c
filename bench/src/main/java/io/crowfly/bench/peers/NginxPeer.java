package io.crowfly.bench.peers;

import io.crowfly.bench.process.NginxConf;
import io.crowfly.bench.process.Programs;
import java.nio.file.Path;
import java.util.List;

/**
 * nginx as one of the compared proxies: its conf and command. nginx also serves as the backends, see
 * {@link NginxBackend}.
 *
 * @param tuned whether the conf has the settings that measured best for each scenario; otherwise it has common settings
 */
record NginxPeer(boolean tuned) implements Peer {

    @Override
    public String name() {
        return tuned ? "nginx" : "nginx-stock";
    }

    @Override
    public String version(Programs programs) {
        return programs.firstLine("nginx", "-v");
    }

    @Override
    public String conf(PeerScenario scenario, Path folder, int port, List<Integer> backends) {
        return NginxConf.process(folder)
                + """
                http {
                    access_log off;
                %s%s
                    # A connection stays open for the whole run, as in the other proxies.
                    keepalive_requests 1000000000;

                    upstream endpoints {
                        server 127.0.0.1:%d;
                        server 127.0.0.1:%d;
                        # More than the client connections of any scenario, so that no idle connection is closed.
                        keepalive 4096;
                        keepalive_requests 1000000000;
                    }

                    server {
                        listen 127.0.0.1:%d%s backlog=4096;
                %s
                        location / {
                            proxy_pass %s://endpoints;
                            # Needed for keep-alive to the backends in nginx before 1.29.
                            proxy_http_version 1.1;
                            proxy_set_header Connection "";
                            # The client's Host, and the headers that every compared proxy sets.
                            proxy_set_header Host $http_host;
                            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                            proxy_set_header X-Forwarded-Proto $scheme;
                            proxy_set_header X-Request-Id $request_id;
                %s        }
                    }
                }
                """.formatted(
                                NginxConf.temporaryFiles(folder),
                                headerBuffer(),
                                backends.get(0),
                                backends.get(1),
                                port,
                                scenario.secureClients() ? " ssl" : "",
                                scenario.secureClients() ? certificate(folder) : "",
                                scenario.secureBackends() ? "https" : "http",
                                locationSettings(scenario) + (scenario.secureBackends() ? verification(folder) : ""));
    }

    /** Returns the lines of a {@code server} section with the {@link TlsFiles} in the folder. */
    static String certificate(Path folder) {
        return """
                        ssl_certificate %1$s/edge.crt;
                        ssl_certificate_key %1$s/edge.key;
                        ssl_protocols TLSv1.2 TLSv1.3;
                """.formatted(folder);
    }

    private static String verification(Path folder) {
        return """
                            proxy_ssl_verify on;
                            proxy_ssl_trusted_certificate %s/ca.crt;
                            proxy_ssl_name localhost;
                            proxy_ssl_protocols TLSv1.2 TLSv1.3;
                """.formatted(folder);
    }

    private String headerBuffer() {
        return tuned ? """
                    # A head and the start of its body in one read; the default of 1 KiB needs two reads for a small POST.
                    client_header_buffer_size 4k;
                """ : "";
    }

    private String locationSettings(PeerScenario scenario) {
        if (scenario == PeerScenario.SSE) {
            return """
                            # Tokens are forwarded without delay.
                            proxy_buffering off;
                """;
        }
        if (!tuned) {
            return "";
        }
        return switch (scenario) {
            case BODY_64K, BODY_10M -> """
                            # The default of eight pages causes many small reads and writes: twice the CPU at 64 KiB, four times at 10 MiB.
                            proxy_buffers 16 32k;
                            proxy_busy_buffers_size 256k;
                            # A slow client slows the backend, as in the other proxies, and nothing is written to disk.
                            proxy_max_temp_file_size 0;
                """;
            case UPLOAD_10M -> """
                            # The body passes while it is received, as in the other proxies.
                            proxy_request_buffering off;
                            client_max_body_size 0;
                            client_body_buffer_size 128k;
                """;
            default -> "";
        };
    }

    @Override
    public List<String> command(Programs programs, Path conf) {
        return NginxConf.command(programs, conf);
    }

    @Override
    public int warmUpSeconds() {
        return 2;
    }
}
