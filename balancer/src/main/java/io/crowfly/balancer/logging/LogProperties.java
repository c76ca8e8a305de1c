package io.crowfly.balancer.logging;

import ch.qos.logback.classic.LoggerContext;
import org.slf4j.LoggerFactory;

/** What the log needs to be told while the process runs. */
public final class LogProperties {

    /** The context's property that has the instance's region. */
    static final String REGION = "region";

    private LogProperties() {}

    /** Labels every line from here on; empty for no label. */
    public static void setRegion(String region) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.putProperty(REGION, region);
        }
    }
}
