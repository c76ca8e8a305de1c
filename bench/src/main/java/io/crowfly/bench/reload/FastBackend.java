package io.crowfly.bench.reload;

import io.crowfly.bench.endpoint.BlobBytes;
import io.crowfly.bench.process.Children;
import io.crowfly.bench.process.Children.Child;
import io.crowfly.bench.process.NginxConf;
import io.crowfly.bench.process.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Preferred backend of {@code bench reload}: an nginx that responds at once, can be killed, and restarts quickly. One
 * path serves a slow body.
 */
final class FastBackend {

    /** Size of the slow body in bytes: about two seconds at {@link #RATE}. */
    static final int SLOW_BYTES = 512 * 1024;

    private static final String RATE = "256k";

    private final Programs programs;
    private final Children children;
    private final String name;
    private final Path folder;
    private final int port;
    private Optional<Child> running = Optional.empty();

    FastBackend(Programs programs, Children children, String name, Path parent, int port) throws IOException {
        this.programs = programs;
        this.children = children;
        this.name = name;
        this.port = port;
        folder = Files.createDirectory(parent.resolve(name));
        byte[] blob = new byte[SLOW_BYTES];
        BlobBytes.fill(blob, 0);
        Files.write(folder.resolve("blob"), blob);
        Files.writeString(folder.resolve("nginx.conf"), conf());
    }

    /** Starts the backend and waits until it listens. */
    void start() throws IOException, InterruptedException {
        Child child = children.start(
                name, NginxConf.command(programs, folder.resolve("nginx.conf")), Map.of(), folder.resolve("log"));
        child.awaitListening(port);
        running = Optional.of(child);
    }

    /** Kills the backend by SIGKILL and waits until it has ended. */
    void kill() throws InterruptedException {
        if (running.isPresent()) {
            running.get().process().destroyForcibly().waitFor();
        }
    }

    /** Returns the path of the slow body. The simulated endpoint serves the same bytes at this path. */
    static String slowTarget() {
        return "/v1/blob?size=" + SLOW_BYTES;
    }

    private String conf() {
        return NginxConf.process(folder)
                + """
                http {
                    access_log off;
                %s%s
                    default_type application/json;

                    server {
                        listen 127.0.0.1:%d backlog=1024;
                        root %s;

                        location = /health {
                            return 200 '{}';
                        }
                        location = /v1/models {
                            return 200 '{"object":"list","data":[]}';
                        }
                        location = /v1/chat/completions {
                            return 200 '{"id":"chatcmpl-1","choices":[]}';
                        }
                        location = /v1/blob {
                            limit_rate %s;
                            try_files /blob =404;
                        }
                    }
                }
                """.formatted(NginxConf.temporaryFiles(folder), NginxConf.keepAlive(), port, folder, RATE);
    }
}
