/**
 * What a body says, without holding it and without copying it.
 *
 * <p>In go the chunks of a body as they pass, cut anywhere: {@link io.crowfly.balancer.content.RequestScanner} looks at
 * the JSON of a request, {@link io.crowfly.balancer.content.FormScanner} at a form, {@link
 * io.crowfly.balancer.content.EventScanner} at the events of a token stream, {@link
 * io.crowfly.balancer.content.AnswerScanner} at an answer in one piece, {@link
 * io.crowfly.balancer.content.SecretScanner} at one that gives out a secret. Out come facts: the model's name and where it
 * stands, whether a stream is asked for, whether the first token has come (TTFT is the time until then), whether the stream
 * has ended as it should, what it cost, and the ids of what a backend keeps.
 *
 * <p>Ownership: {@code scan} only borrows the chunk. It reads from the reader index to the writer index, moves neither,
 * neither retains nor releases, and remembers nothing of the buffer once it has returned. What a scanner keeps between
 * chunks is a state of bounded size, so that no body, however large or hostile, costs memory. Only {@link
 * io.crowfly.balancer.content.SpanEdit} changes what passes, and takes ownership of it.
 *
 * <p>Threads: a scanner belongs to one exchange and is called on its event loop only.
 *
 * <p>Errors: no content makes a scanner throw; what can't be read is a state to ask for.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.content;
