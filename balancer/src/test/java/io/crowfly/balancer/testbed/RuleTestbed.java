package io.crowfly.balancer.testbed;

import io.crowfly.balancer.testbed.TestBalancer.Setup;

/**
 * Base class of tests of rules: backend {@code a} must not receive what the rules reserve for backend {@code b}. One
 * client is connected.
 */
public abstract class RuleTestbed extends Testbed {

    /** Rule that reserves the models {@code secret*} for {@code b}. */
    protected static final String SECRET_MODELS = "{when: {model: secret*}, only: {backends: [b]}}";

    protected TestBackend a = null;
    protected RawConnection client = null;

    /** Starts both backends, and a balancer with the rules, in their order. */
    protected void startWithRules(String... rules) throws Exception {
        a = backend(OK);
        client = client(balancer(Setup.NONE
                .backend("a", a)
                .backend("b", backend(OK))
                .withLines("routing: {rules: [" + String.join(", ", rules) + "]}")));
    }

    /**
     * Sends a request with a length and returns its response.
     *
     * @param headers additional header lines, each with its end
     */
    protected Message post(String target, String headers, String body) throws Exception {
        client.write("POST " + target + " HTTP/1.1\r\nHost: h\r\n" + headers + "Content-Length: " + body.length()
                + "\r\n\r\n" + body);
        return Message.readResponse(client);
    }
}
