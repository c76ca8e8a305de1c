package io.crowfly.balancer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.crowfly.balancer.testbed.CapturedLog;
import io.crowfly.conf.BindAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PlainHttpReportTest {

    private final AtomicLong nanos = new AtomicLong(-5);

    @Test
    void logsAtMostOneLinePerMinute() {
        try (CapturedLog log = new CapturedLog(PlainHttpReport.class.getName())) {
            PlainHttpReport report = new PlainHttpReport(new BindAddress.Tcp("::", 8443), nanos::get);
            report.onPlainHttp("192.0.2.1");
            report.onPlainHttp("192.0.2.2");
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(59));
            report.onPlainHttp("192.0.2.3");
            assertThat(log.lines(Level.INFO)).singleElement().asString().contains("192.0.2.1", "[::]:8443");
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
            report.onPlainHttp("192.0.2.4");
            assertThat(log.lines(Level.INFO)).hasSize(2).last().asString().contains("192.0.2.4");
        }
    }
}
