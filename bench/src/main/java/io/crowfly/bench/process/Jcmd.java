package io.crowfly.bench.process;

import io.crowfly.bench.process.Children.Child;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Client of the JDK's {@code jcmd}: runs diagnostic commands in a child JVM of a benchmark. */
public final class Jcmd {

    private final Children children;
    private final Child target;
    private final Path log;

    /** @param folder folder for the file that receives the output of {@code jcmd} */
    public Jcmd(Children children, Child target, Path folder) {
        this.children = children;
        this.target = target;
        this.log = folder.resolve("jcmd.log");
    }

    /**
     * Runs a diagnostic command, for example {@code GC.run}, and returns its output.
     *
     * @throws IOException if the JVM does not respond, or does not know the command
     */
    public String run(String command) throws IOException, InterruptedException {
        List<String> line = List.of(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(target.process().pid()),
                command);
        Child jcmd = children.start("jcmd", line, Map.of(), log);
        if (jcmd.process().waitFor() != 0) {
            throw new IOException("jcmd " + command + " failed:\n" + jcmd.output());
        }
        return jcmd.output();
    }
}
