package io.crowfly.bench.process;

import java.nio.file.Path;
import java.util.List;

/**
 * Parts that all nginx conf files of the benchmarks share: one process with one thread in the foreground, which writes
 * only to its own folder.
 */
public final class NginxConf {

    private NginxConf() {}

    /** Returns the lines before the {@code http} section: the process, its pid file and its log. */
    public static String process(Path folder) {
        return """
                daemon off;
                # Without a master process, so that the started process is the measured one.
                master_process off;
                worker_processes 1;
                pid %s/nginx.pid;
                error_log stderr crit;

                events {
                    worker_connections 16384;
                }

                """.formatted(folder);
    }

    /**
     * Returns the {@code *_temp_path} lines of the {@code http} section. nginx's default folders may not be writable
     * for the user.
     */
    public static String temporaryFiles(Path folder) {
        return """
                    client_body_temp_path %1$s/body;
                    proxy_temp_path %1$s/proxy;
                    fastcgi_temp_path %1$s/fastcgi;
                    uwsgi_temp_path %1$s/uwsgi;
                    scgi_temp_path %1$s/scgi;
                """.formatted(folder);
    }

    /**
     * Returns the {@code keepalive_*} lines of a backend's {@code http} section, so that only the proxy closes
     * connections.
     */
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
