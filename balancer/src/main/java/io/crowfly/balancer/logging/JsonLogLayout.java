package io.crowfly.balancer.logging;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.util.Locale;

/**
 * Layout that formats a line of the process's log as a JSON object. Needed because Logback's own JSON has the time as a
 * number, and three times as many fields.
 */
final class JsonLogLayout extends LayoutBase<ILoggingEvent> {

    private final ThrowableProxyConverter stackTrace = new ThrowableProxyConverter();

    @Override
    public void start() {
        stackTrace.start();
        super.start();
    }

    @Override
    public String doLayout(ILoggingEvent event) {
        String region = event.getLoggerContextVO().getPropertyMap().getOrDefault(LogProperties.REGION, "");
        return JsonLine.of(json -> {
            json.writeStringField(
                    "time", Instant.ofEpochMilli(event.getTimeStamp()).toString());
            json.writeStringField("level", event.getLevel().toString().toLowerCase(Locale.ROOT));
            if (!region.isEmpty()) {
                json.writeStringField("region", region);
            }
            json.writeStringField("logger", event.getLoggerName());
            json.writeStringField("thread", event.getThreadName());
            json.writeStringField("message", event.getFormattedMessage());
            if (event.getThrowableProxy() != null) {
                json.writeStringField("stackTrace", stackTrace.convert(event));
            }
        });
    }
}
