package io.crowfly.bench.process;

import java.nio.file.Path;
import java.util.List;

/**
 * The common conf of all nginx processes: one process with one thread, in the foreground, that writes only to its
 * folder.
 */
public final class NginxConf {

    private NginxConf() {}

    /** Returns the first part of a conf file. */
    public static String process(Path folder) {
        return """
                daemon off;
                # Without a master process, so that the started process is the measured one.
                master_process off;
                worker_processes 1;
                pid %s/nginx.pid;
                error_log stderr crit;

                events {
                    worker_connections 4096;
                }

                """.formatted(folder);
    }

    /** Returns lines for the http section, because the user may lack write permission for nginx's default folders. */
    public static String temporaryFiles(Path folder) {
        return """
                    client_body_temp_path %1$s/body;
                    proxy_temp_path %1$s/proxy;
                    fastcgi_temp_path %1$s/fastcgi;
                    uwsgi_temp_path %1$s/uwsgi;
                    scgi_temp_path %1$s/scgi;
                """.formatted(folder);
    }

    /** Returns lines for the http section of a backend, so that connections stay open until the proxy closes them. */
    public static String keepAlive() {
        return """
                    keepalive_requests 1000000000;
                    # Longer than any pause of a run, because proxies keep idle connections.
                    keepalive_timeout 600s;
                """;
    }

    public static List<String> command(Programs programs, Path conf) {
        return List.of(programs.path("nginx"), "-e", "stderr", "-c", conf.toString());
    }
}
