/**
 * {@code crowfly bench bodies}: many large bodies at once whose model is at the end, so that each body is held until
 * its backend can be selected. The model's name must be right at each backend, every other byte must be unchanged, and
 * memory must stay within the conf's limit for any number of bodies.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.bodies;
