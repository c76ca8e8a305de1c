package io.crowfly.bench.process;

import java.nio.file.Path;
import java.util.List;

/** What every nginx of ours has in common: one process with one thread, in the foreground, that writes to its own folder. */
public final class NginxConf {

    private NginxConf() {}

    /** The top of a conf file. */
    public static String process(Path folder) {
        return """
                daemon off;
                # The worker's loop without a master beside it, so that the process measured is the one started.
                master_process off;
                worker_processes 1;
                pid %s/nginx.pid;
                error_log stderr crit;

                events {
                    worker_connections 4096;
                }

                """.formatted(folder);
    }

    /** For the http section: its own defaults may not be writable for who runs this. */
    public static String temporaryFiles(Path folder) {
        return """
                    client_body_temp_path %1$s/body;
                    proxy_temp_path %1$s/proxy;
                    fastcgi_temp_path %1$s/fastcgi;
                    uwsgi_temp_path %1$s/uwsgi;
                    scgi_temp_path %1$s/scgi;
                """.formatted(folder);
    }

    /** For the http section of a backend: connections are kept as long as a proxy wants them. */
    public static String keepAlive() {
        return """
                    keepalive_requests 1000000000;
                    # Proxies keep their idle connections longer than any pause of a run.
                    keepalive_timeout 600s;
                """;
    }

    public static List<String> command(Programs programs, Path conf) {
        return List.of(programs.path("nginx"), "-e", "stderr", "-c", conf.toString());
    }
}
