package io.crowfly.bench.choose;

import io.crowfly.bench.proof.Claim;
import java.util.List;

/**
 * What one part of the benchmark has shown.
 *
 * @param figures Markdown
 */
record PartResult(List<Claim> claims, String figures) {}
