package io.crowfly.bench.endpoint;

/**
 * That a request is not served, and why.
 *
 * @param form of the error, where a status has several: the name of a fixture; empty for the status's usual one
 * @param why for whoever looks for the cause; never has a secret in it
 */
record Refusal(int status, String form, String why) implements Resolution {

    static Refusal of(int status, String why) {
        return new Refusal(status, "", why);
    }

    Refusal inForm(String fixture) {
        return new Refusal(status, fixture, why);
    }
}
