package io.crowfly.bench.process;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finder of the external programs that a benchmark needs (nginx, wrk and so on), on the search path and in Debian's
 * folders for daemons.
 */
public final class Programs {

    /** Debian's package of each program. */
    private static final Map<String, String> PACKAGES = Map.of(
            "haproxy", "haproxy",
            "nginx", "nginx-light",
            "wrk", "wrk",
            "openssl", "openssl",
            "taskset", "util-linux",
            "renice", "bsdutils");

    private final List<Path> folders;

    private Programs(List<Path> folders) {
        this.folders = folders;
    }

    /** @param searchPath folders as in the environment variable {@code PATH} */
    public static Programs on(String searchPath) {
        return new Programs(Arrays.stream(searchPath.split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .map(Path::of)
                .toList());
    }

    /**
     * Returns the programs of this machine. Debian's folders for daemons are not on the search path of ordinary users.
     */
    public static Programs installed() {
        return on(Optional.ofNullable(System.getenv("PATH")).orElse("") + ":/usr/sbin:/sbin");
    }

    /** Returns one line for each missing program, with the package that contains it. */
    public List<String> missing(Stream<String> names) {
        return names.filter(name -> find(name).isEmpty())
                .map(name -> "%s is not installed; on Debian: apt-get install %s".formatted(name, PACKAGES.get(name)))
                .toList();
    }

    /** Returns the program's absolute path. */
    public String path(String name) {
        return find(name)
                .orElseThrow(() -> new IllegalStateException(name + " is not installed"))
                .toString();
    }

    private Optional<Path> find(String name) {
        return folders.stream()
                .map(folder -> folder.resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Runs the program and returns the first line that it prints, on standard output or standard error. With a version
     * option, this line has the version.
     */
    public String firstLine(String name, String... arguments) {
        List<String> command = new ArrayList<>(List.of(path(name)));
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return output.lines().findFirst().orElse(name);
        } catch (IOException failure) {
            return name + ", version unknown";
        }
    }
}
