/** Scenarios of the policy simulator and the reader of their files. {@code docs/policies.md} describes the format. */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.policies.scenario;
