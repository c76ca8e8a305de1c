package io.crowfly.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WrkTest {

    @Test
    void itsChatsAreTwoKibibytesWithTheModelFirstOrLast() {
        assertThat(Wrk.modelFirst()).hasSize(2048).startsWith("{\"model\":\"gpt-4o\",");
        assertThat(Wrk.modelLast()).hasSize(2048).endsWith(",\"model\":\"gpt-4o\"}");
    }

    @Test
    void readsHowManyRequestsWereCompleted() {
        assertThat(Wrk.parse("""
                        Running 3s test @ http://127.0.0.1:8080/small
                          1 threads and 64 connections
                          Thread Stats   Avg      Stdev     Max   +/- Stdev
                            Latency     0.99ms  417.82us   8.23ms   71.08%
                            Req/Sec    66.18k     2.95k   70.15k    83.33%
                          197461 requests in 3.00s, 40.30MB read
                        Requests/sec:  65812.27
                        Transfer/sec:     13.43MB
                        """)).isEqualTo(new Wrk.Counts(197_461, 0, 0));
    }

    @Test
    void countsFailedConnectionsAndRefusalsAlike() {
        assertThat(Wrk.parse("""
                          2005 requests in 1.10s, 380.64KB read
                          Socket errors: connect 1, read 20, write 300, timeout 4000
                          Non-2xx or 3xx responses: 50000
                        """)).isEqualTo(new Wrk.Counts(2005, 50_000, 4321));
    }

    @Test
    void findsNoRequestsWhereWrkCouldNotConnect() {
        assertThat(Wrk.parse("unable to connect to 127.0.0.1:8080 Connection refused"))
                .isEqualTo(new Wrk.Counts(0, 0, 0));
    }
}
