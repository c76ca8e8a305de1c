package io.crowfly.bench.peers;

import io.crowfly.bench.process.NginxConf;
import io.crowfly.bench.process.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Backend of benchmarks that load a proxy: an nginx that responds at minimal CPU cost, so that the proxy limits the
 * throughput.
 */
public final class NginxBackend {

    private static final int KIB = 1024;

    private NginxBackend() {}

    /**
     * Writes the files and the conf into the folder and returns the command that runs the backend in the foreground.
     */
    public static List<String> prepare(Programs programs, Path folder, int port) throws IOException {
        return prepare(programs, folder, port, false);
    }

    /** @param secure whether the backend uses TLS, with the {@link TlsFiles} in the folder */
    static List<String> prepare(Programs programs, Path folder, int port, boolean secure) throws IOException {
        Files.write(folder.resolve("64k"), new byte[64 * KIB]);
        Files.write(folder.resolve("10m"), new byte[10 * KIB * KIB]);
        Path conf = Files.writeString(folder.resolve("nginx.conf"), conf(folder, port, secure));
        return NginxConf.command(programs, conf);
    }

    private static String conf(Path folder, int port, boolean secure) {
        return NginxConf.process(folder)
                + """
                http {
                    access_log off;
                %s%s                    sendfile on;
                    tcp_nopush on;
                    open_file_cache max=16 inactive=600s;
                    default_type application/json;

                    server {
                        listen 127.0.0.1:%d%s backlog=4096;
                %s        root %s;

                        location = /small {
                            return 200 '%7$s';
                        }
                        location = /v1/chat/completions {
                            return 200 '%7$s';
                        }
                    }
                }
                """.formatted(
                                NginxConf.temporaryFiles(folder),
                                NginxConf.keepAlive(),
                                port,
                                secure ? " ssl" : "",
                                secure ? NginxPeer.certificate(folder) : "",
                                folder,
                                SMALL_RESPONSE);
    }

    /** Body of the small response. Together with nginx's response head it has 214 bytes. */
    static final String SMALL_RESPONSE = "{\"id\":\"chatcmpl-1\",\"choices\":[{\"message\":\"Caw, caw, caw!\"}]}";
}
