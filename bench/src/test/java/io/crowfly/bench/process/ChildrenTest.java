package io.crowfly.bench.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildrenTest {

    private static final Programs INSTALLED = Programs.installed();
    private static final int FIRST_CORE = 0;

    @TempDir
    Path folder;

    @Test
    void stopsChildrenAndTheirDescendants() throws IOException {
        Children children = new Children(INSTALLED);
        // A second command prevents that the shell replaces itself with sleep.
        Process launcher = start(children, "sleep 600; true").process();
        await().until(() -> launcher.descendants().findAny().isPresent());
        ProcessHandle launched = launcher.descendants().findAny().orElseThrow();

        children.close();

        assertThat(launcher.isAlive()).isFalse();
        await().until(() -> !launched.isAlive());
    }

    @Test
    void killsAChildThatIgnoresTheSignal() throws IOException {
        Children children = new Children(INSTALLED);
        Children.Child stubborn = start(children, "trap '' TERM; echo ready; exec sleep 600");
        await().until(() -> stubborn.output().equals("ready"));

        children.close();

        await().until(() -> !stubborn.isAlive());
    }

    @Test
    void passesTheEnvironmentAndKeepsTheOutput() throws IOException {
        try (Children children = new Children(INSTALLED)) {
            Children.Child child = start(children, "echo $CROWFLY_EVENT_LOOPS");

            await().until(() -> !child.isAlive());

            assertThat(child.output()).isEqualTo("1");
        }
    }

    private Children.Child start(Children children, String script) throws IOException {
        List<String> command = List.of("/bin/sh", "-c", script);
        return children.start("shell", FIRST_CORE, command, Map.of("CROWFLY_EVENT_LOOPS", "1"), folder.resolve("log"));
    }
}
