package io.crowfly.conf;

import java.time.Duration;

/**
 * @param connect to a backend, TLS included
 * @param firstByte from the end of the request to the head of the answer
 * @param idle without a byte in either direction: inside a body, or between a client's requests
 * @param drain what requests under way get to finish in when the process is told to end
 */
public record Timeouts(Duration connect, Duration firstByte, Duration idle, Duration drain) {}
