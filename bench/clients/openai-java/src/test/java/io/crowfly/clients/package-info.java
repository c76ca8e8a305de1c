/**
 * Tests with the official Java client. The environment variable {@code TARGET} names the file with the addresses; see
 * {@code ../check}.
 */
package io.crowfly.clients;
