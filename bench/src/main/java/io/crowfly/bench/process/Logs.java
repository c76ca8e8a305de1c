package io.crowfly.bench.process;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** Log configuration of the bench commands: only warnings and errors, because their output is for people. */
public final class Logs {

    private Logs() {}

    public static void showOnlyWarnings() {
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    }
}
