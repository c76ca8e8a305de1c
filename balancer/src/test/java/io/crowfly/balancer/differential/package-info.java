/**
 * Differential test of how requests are read: generated forms and paths, honest and hostile, are read by Crowfly and by
 * parsers of other projects. If a parser finds another model or another path than the one by which Crowfly routes,
 * Crowfly must have refused the request.
 *
 * <p>{@code mvn verify} runs the parsers for the JVM on a few thousand inputs. {@code .ci/differential} adds parsers
 * for Node and Go, and runs all of them on many more.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.differential;
