/** The official Java client against what a file named by the environment's {@code TARGET} says; see {@code ../check}. */
package io.crowfly.clients;
