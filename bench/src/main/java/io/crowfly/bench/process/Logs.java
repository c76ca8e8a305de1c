package io.crowfly.bench.process;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** Configures logging for commands whose output is for people: only warnings and errors are logged. */
public final class Logs {

    private Logs() {}

    public static void showOnlyWarnings() {
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    }
}
