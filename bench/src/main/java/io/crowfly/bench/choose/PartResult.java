package io.crowfly.bench.choose;

import io.crowfly.bench.proof.Claim;
import java.util.List;

/**
 * The result of one part of the benchmark.
 *
 * @param figures tables as Markdown
 */
record PartResult(List<Claim> claims, String figures) {}
