/**
 * Tokenizer of JSON in constant memory, and the search for ids of stored state on top of it.
 *
 * <p>Input: the chunks of a JSON document, cut anywhere. Output: tokens, which of a few known names a key is, the text
 * of requested values, and ids. This package contains nothing specific to requests or responses. Ownership, threads and
 * errors: see {@link io.crowfly.balancer.content}.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.content.json;
