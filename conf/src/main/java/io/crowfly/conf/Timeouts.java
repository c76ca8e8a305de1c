package io.crowfly.conf;

import java.time.Duration;

/**
 * @param connect to a backend, TLS included
 * @param firstByte from the end of the request to the head of the answer
 * @param idle without a byte in either direction: inside a body, or between a client's requests
 * @param body from the head of a request until its body has told what decides where it goes
 * @param keepalive without a byte of a token stream until the client is sent a comment; zero for never
 * @param drain what requests under way get to finish in when the process is told to end
 */
public record Timeouts(
        Duration connect, Duration firstByte, Duration idle, Duration body, Duration keepalive, Duration drain) {}
