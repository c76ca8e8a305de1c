package io.crowfly.bench.endpoint;

/** Says no in the dialect's manner, and keeps a note of it: a client that retries elsewhere would hide it otherwise. */
final class Refusals {

    private final ErrorFixtures errors;
    private final Seen.Journal journal;

    Refusals(ErrorFixtures errors, Seen.Journal journal) {
        this.errors = errors;
        this.journal = journal;
    }

    void answer(Exchange exchange, Refusal refusal, boolean streamed) {
        journal.refused(refusal);
        exchange.answer(errors.answer(refusal, streamed));
    }

    /** An error that was asked for: by a script, or by a model's name. */
    void fail(Exchange exchange, int status, boolean streamed) {
        exchange.answer(errors.answer(Refusal.of(status, ""), streamed));
    }
}
