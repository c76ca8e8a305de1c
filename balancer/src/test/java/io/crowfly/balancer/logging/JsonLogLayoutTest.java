package io.crowfly.balancer.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonLogLayoutTest {

    private final LoggerContext context = new LoggerContext();
    private final JsonLogLayout layout = new JsonLogLayout();

    private String line(String message, @Nullable Throwable thrown) {
        layout.setContext(context);
        layout.start();
        return layout.doLayout(
                new LoggingEvent("test", context.getLogger("io.crowfly.Test"), Level.WARN, message, thrown, null));
    }

    @Test
    void writesOneLineForMessagesWithLineBreaks() {
        context.putProperty(LogProperties.REGION, "nl");
        assertThat(line("two\nlines and a \"quote\"", new IllegalStateException("thrown")))
                .endsWith("}\n")
                .containsOnlyOnce("\n")
                .contains(
                        "\"level\":\"warn\"",
                        "\"region\":\"nl\"",
                        "\"logger\":\"io.crowfly.Test\"",
                        "\"message\":\"two\\nlines and a \\\"quote\\\"\"",
                        "java.lang.IllegalStateException: thrown");
    }

    @Test
    void omitsFieldsWithoutAValue() {
        assertThat(line("plain", null)).doesNotContain("region", "stackTrace");
    }
}
