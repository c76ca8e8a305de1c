/**
 * {@code crowfly bench bodies}: many large bodies at once that name their model at their very end, so that each has to be
 * held whole before anybody knows where it goes. Names must be right at each backend, every other byte as it was sent, and memory
 * within what the conf allows, however many come.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.bodies;
