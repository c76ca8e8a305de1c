/**
 * Report of {@code bench policies}: figures of the runs, pages with tables and plots, and the targets of Crowfly's
 * policy.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.policies.report;
