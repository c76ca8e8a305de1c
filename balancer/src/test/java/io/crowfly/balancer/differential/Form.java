package io.crowfly.balancer.differential;

import java.nio.charset.StandardCharsets;

/**
 * A generated form.
 *
 * @param body must not be changed
 * @param honest whether clients send such forms, so that Crowfly must not refuse it
 */
record Form(String contentType, byte[] body, boolean honest) {

    @Override
    public String toString() {
        return contentType + '\n' + new String(body, StandardCharsets.ISO_8859_1).replace("\r", "\\r");
    }
}
