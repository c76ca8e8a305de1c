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
                        keepalive 512;
                        keepalive_requests 1000000000;
                    }

                    server {
                        listen 127.0.0.1:%d backlog=1024;

                        location / {
                            proxy_pass http://endpoints;
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
                                locationSettings(scenario));
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
            case SMALL, POST, POST_MODEL_LAST, SSE -> "";
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
