/**
 * Scanners of request and response bodies, which neither hold nor copy the data that they read.
 *
 * <p>Input: the chunks of a body as they pass, cut anywhere. Output: facts about the body. {@link
 * io.crowfly.balancer.content.request} reads and edits requests, {@link io.crowfly.balancer.content.response} reads
 * responses and token streams. Both use the tokenizer of {@link io.crowfly.balancer.content.json}. The rules below
 * apply to every scanner in these packages.
 *
 * <p>Ownership: {@code scan} borrows the chunk. It reads from the reader index to the writer index, moves neither, and
 * neither retains nor releases the buffer. A scanner keeps no reference to the buffer. Between chunks it keeps a state
 * of bounded size, so that no body, however large or hostile, costs memory. Only {@link
 * io.crowfly.balancer.content.request.SpanEdit} changes a body, and takes ownership of the chunks.
 *
 * <p>Threads: a scanner belongs to one exchange and is called on its event loop only.
 *
 * <p>Errors: no content makes a scanner throw. A body that cannot be read is a state of the scanner.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.content;
