/**
 * Transfer of learned state between two processes, as a tree of maps, lists, numbers and strings. In: the fields of the
 * state's classes. Out: a tree that can be written as JSON, and the reverse.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.probes.state;
