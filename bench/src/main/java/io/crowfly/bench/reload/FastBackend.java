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

/** nginx: it answers at once, dies at once when it is killed, and is back at once. It serves one slow body too. */
final class FastBackend {

    /** Bytes of the slow body: at {@link #RATE}, about two seconds of it. */
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

    /** Starts it; it listens when this returns. */
    void start() throws IOException, InterruptedException {
        Child child = children.start(
                name, NginxConf.command(programs, folder.resolve("nginx.conf")), Map.of(), folder.resolve("log"));
        child.awaitListening(port);
        running = Optional.of(child);
    }

    /** Ends it by SIGKILL; it is gone when this returns. */
    void kill() throws InterruptedException {
        if (running.isPresent()) {
            running.get().process().destroyForcibly().waitFor();
        }
    }

    /** The target that its conf slows; the simulated endpoint has the same bytes there. */
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
