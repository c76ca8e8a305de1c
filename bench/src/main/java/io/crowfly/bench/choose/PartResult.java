package io.crowfly.bench.choose;

import io.crowfly.bench.proof.Claim;
import java.util.List;

/**
 * Result of one part of {@code bench choose}.
 *
 * @param claims the checked claims
 * @param figures tables as Markdown
 */
record PartResult(List<Claim> claims, String figures) {}
