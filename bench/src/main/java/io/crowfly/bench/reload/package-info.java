/**
 * {@code crowfly bench reload}: reloads and killed backends under load. Reloads must not cost a single request. A
 * killed backend may cost only the requests whose responses had begun.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.reload;
