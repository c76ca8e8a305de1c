/** What the policies are put through, as files say it: {@code docs/policies.md} tells the format. */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.policies.scenario;
