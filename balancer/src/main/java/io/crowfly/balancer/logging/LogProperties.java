package io.crowfly.balancer.logging;

import ch.qos.logback.classic.LoggerContext;
import org.slf4j.LoggerFactory;

/** Properties of all log lines that may change while the process runs. */
public final class LogProperties {

    /** Name of the context property with the instance's region. */
    static final String REGION = "region";

    private LogProperties() {}

    /** Sets the region of all later lines; empty for no region. */
    public static void setRegion(String region) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.putProperty(REGION, region);
        }
    }
}
