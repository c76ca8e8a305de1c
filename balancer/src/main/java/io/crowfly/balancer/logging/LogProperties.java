package io.crowfly.balancer.logging;

import ch.qos.logback.classic.LoggerContext;
import org.slf4j.LoggerFactory;

/** Sets the region that every log line contains. A reload may change the region. */
public final class LogProperties {

    /** Name of the Logback context property with the instance's region. */
    static final String REGION = "region";

    private LogProperties() {}

    /** Sets the region of all later log lines; empty for no region. */
    public static void setRegion(String region) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.putProperty(REGION, region);
        }
    }
}
