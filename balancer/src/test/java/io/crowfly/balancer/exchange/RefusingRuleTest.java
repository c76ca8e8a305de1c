package io.crowfly.balancer.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.testbed.Message;
import io.crowfly.balancer.testbed.RawConnection;
import io.crowfly.balancer.testbed.TestBackend;
import io.crowfly.balancer.testbed.TestBalancer.Setup;
import io.crowfly.balancer.testbed.Testbed;
import io.crowfly.balancer.testbed.TestedTransports;
import org.junit.jupiter.api.Test;

/** A rule that refuses what no other rule has taken. */
@TestedTransports(TestedTransports.Selection.DEFAULT_AND_NIO)
class RefusingRuleTest extends Testbed {

    private static final String RULES = "routing: {rules: ["
            + "{name: in-eu, when: {header: {x-data-zone: eu}}, only: {labels: {zone: eu}}}, "
            + "{name: unknown-zone, when: {path: /*}, refuse: true}]}";

    private static Message responseTo(RawConnection client, String header) throws Exception {
        client.write("GET /v1/models HTTP/1.1\r\nHost: h\r\n" + header + "\r\n");
        return Message.readResponse(client);
    }

    @Test
    void refusesRequestsThatNoOtherRuleMatches() throws Exception {
        TestBackend us = backend(OK);
        RawConnection client = client(balancer(Setup.NONE
                .backend("us", us)
                .backend("eu", backend(OK), "provider: openai, labels: {zone: eu}")
                .withLines(RULES)));
        for (String header : new String[] {"", "x-data-zone: EU\r\n", "x-data-zone: us\r\n"}) {
            Message response = responseTo(client, header);
            assertThat(response.status()).as(header).isEqualTo(403);
            assertThat(response.body())
                    .contains("\"code\":\"refused_by_rule\"", "The routing rule `unknown-zone` refuses this request.");
        }
        assertThat(responseTo(client, "X-Data-Zone: eu\r\n").status()).isEqualTo(200);
        assertThat(us.connections()).isZero();
    }
}
