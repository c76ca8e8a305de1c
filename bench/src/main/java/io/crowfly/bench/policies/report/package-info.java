/** What is made of runs: figures, the page with the table, whether ours kept its targets. */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.policies.report;
