package io.crowfly.balancer.exchange;

import io.crowfly.balancer.exchange.Ending.Then;
import io.crowfly.balancer.exchange.Tried.Role;
import io.crowfly.balancer.routing.Chooser;
import io.crowfly.probes.ProbeTimes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/*
 * Until one attempt has an answer for the client (the winner), an exchange may have several: one that waits, and beside it
 * a hedge that waits too, or an error that is held in case nothing better comes. What becomes of each is the table in
 * Ending, and is done here. Whether another one can be made is for SecondAttempts to say, which error the client gets in the
 * end for LastResort, and what comes first after a 401 is in CredentialRefresh.
 */

/** The attempts of one exchange, up to the one that answers. */
final class Attempts {

    private final Exchange exchange;
    private final Exchanges exchanges;
    private final Snapshot snapshot;
    private final Request request;
    private final Downstream downstream;
    private final Choice choice;
    private final RequestRelay relay;
    private final Patience patience;
    private final CredentialRefresh refresh;

    private final List<Attempt> all = new ArrayList<>(2);
    private @Nullable Attempt winner;

    private @Nullable SecondAttempts second;
    private @Nullable LastResort lastResort;
    private boolean over;

    Attempts(
            Exchange exchange,
            Exchanges exchanges,
            Snapshot snapshot,
            Request request,
            Downstream downstream,
            Choice choice) {
        this.exchange = exchange;
        this.exchanges = exchanges;
        this.snapshot = snapshot;
        this.request = request;
        this.downstream = downstream;
        this.choice = choice;
        relay = new RequestRelay(request, downstream, snapshot.conf().limits());
        patience = new Patience(request, snapshot.conf().timeouts());
        refresh = new CredentialRefresh(request, exchanges.executor, this::onRefreshed);
    }

    /**
     * Makes the first one. What it sends is flushed by whoever calls this, at the end of its read.
     *
     * @return whether there is any backend to go to
     */
    boolean start() {
        exchanges.retryBudget.onRequest(exchanges.loop, System.nanoTime());
        int place = choice.first(request.retryClass().repeatable());
        if (place == Chooser.NONE) {
            return false;
        }
        make(place, choice.explores() ? Role.EXPLORATION : Role.FIRST, choice.why(place), false);
        return true;
    }

    private void make(int place, Role role, String why, boolean fresh) {
        Upstream upstream = choice.upstream(place);
        AttemptWatch watch = new AttemptWatch(
                request,
                upstream.backend(),
                choice.prediction(place),
                exchanges.observations,
                snapshot.homes(),
                snapshot.alone());
        Attempt attempt = new Attempt(this, upstream, place, role, why, watch);
        all.add(attempt);
        relay.to(attempt);
        attempt.start(exchanges.loop, fresh);
    }

    /** Outside of the client's read, so that nobody else flushes. */
    void makeNow(int place, Role role, String why, boolean fresh) {
        make(place, role, why, fresh);
        relay.flush();
    }

    /** In their order. A stale connection's, which another one has taken the place of, is not among them. */
    List<Attempt> made() {
        return all;
    }

    private SecondAttempts second() {
        if (second == null) {
            second = new SecondAttempts(
                    this, request, choice, patience, exchanges, snapshot.conf().routing());
        }
        return second;
    }

    private LastResort lastResort() {
        if (lastResort == null) {
            lastResort = new LastResort();
        }
        return lastResort;
    }

    Exchange exchange() {
        return exchange;
    }

    /** Takes what comes of the request from the client's side. */
    RequestRelay relay() {
        return relay;
    }

    void setReading(boolean reading) {
        if (winner != null) {
            winner.setReading(reading);
        }
    }

    // Time.

    /** @return whether it is a backend's turn, for which there are other limits than for bodies that stand still */
    boolean onTick(long nowNanos) {
        if (winner != null) {
            winner.watch().onTick(nowNanos);
            return false;
        }
        if (refresh.isUnderWay() && patience.isOver(nowNanos)) {
            refresh.giveUp();
        }
        boolean turn = refresh.isUnderWay();
        turn |= patience.onTick(all, nowNanos);
        second().onTick(nowNanos);
        return turn;
    }

    /** Whether what is still to come may be late by milliseconds. */
    boolean awaitsSign() {
        return winner == null || winner.watch().awaitsSign();
    }

    private boolean isOneWaiting() {
        return refresh.isUnderWay() || all.stream().anyMatch(Attempt::isWaiting);
    }

    // From the attempts.

    void onInterim(ResponseHead interim) {
        downstream.sendInterim(interim);
    }

    void onHead(Attempt attempt, ResponseHead head) {
        Ending ending =
                Ending.of(head.status(), attempt.shown().isOurs(), request.namesModel(), choice.mayBeElsewhere());
        long retryAfter = 0;
        if (ending == Ending.THROTTLED) {
            long told = attempt.watch().onThrottled(head.headers());
            retryAfter = told == ProbeTimes.ABSENT ? Long.MAX_VALUE : told;
        } else if (ending == Ending.ANSWERED) {
            attempt.watch().onAnswer(head);
        } else if (!refresh.mayHelp(attempt, head)) {
            strike(attempt, ending, "status " + head.status());
        }
        boolean otherWords = HeldAnswer.mayNeedOtherWords(request, attempt.upstream(), head);
        if (ending.then(request.retryClass()) != Then.GIVE) {
            attempt.hold(head, ending, retryAfter, otherWords);
        } else if (otherWords) {
            attempt.hold(head, ending, retryAfter, true);
            giveHeld(attempt, false);
        } else {
            win(attempt);
            attempt.relay();
            exchange.onHead(attempt, head, false);
        }
    }

    /** As much has come of an error as is needed to go on, or as is held. */
    void onHeld(Attempt attempt) {
        HeldAnswer held = attempt.held();
        if (refresh.mayHelp(attempt, held.head)) {
            refresh.begin(attempt);
            return;
        }
        if (attempt.ending() == Ending.UNCLEAR) {
            Ending clear = held.turnsOut(request.namesModel(), choice.mayBeElsewhere());
            if (clear == Ending.ANSWERED) {
                giveHeld(attempt, false);
                return;
            }
            attempt.turnsOutAs(clear);
            if (clear == Ending.ELSEWHERE) {
                choice.isElsewhere();
            }
            strike(attempt, clear, "no such model");
        }
        considerHeld(attempt, held);
    }

    private void considerHeld(Attempt attempt, HeldAnswer held) {
        attempt.upstream().failed();
        lastResort().add(attempt);
        goOn(attempt, Then.NEXT, "status " + held.head.status());
    }

    private void onRefreshed(Attempt refused, boolean another) {
        if (over || winner != null) {
            return;
        }
        if (another && request.held.isWhole()) {
            refused.cancel();
            makeNow(refused.place(), Role.RETRY, "once more at " + refused.name() + ", with a fresh credential", false);
            return;
        }
        strike(refused, Ending.UNAUTHORIZED, "status 401");
        HeldAnswer held = refused.held();
        if (held != null) {
            considerHeld(refused, held);
        } else {
            goOn(refused, Then.NEXT, "status 401");
        }
    }

    void onFailure(Attempt attempt, UpstreamFailure failure) {
        attempt.endsAs(failure.kind().words());
        if (attempt == winner) {
            if (!exchange.switchedProtocols()) {
                strike(attempt, Ending.BROKEN, failure.reason());
            }
            exchange.onAnswerBroken(failure.reason());
        } else if (attempt.held() == null) {
            onUnanswered(attempt, failure);
        } else {
            // The error itself broke off. It has been struck for, and if it had been judged another one is under way.
            attempt.letGo();
            if (!lastResort().remove(attempt)) {
                lastResort().add(failure);
                attempt.upstream().failed();
                Then then = attempt.ending().then(request.retryClass());
                goOn(attempt, then, failure.kind().words());
            }
        }
    }

    private void onUnanswered(Attempt attempt, UpstreamFailure failure) {
        Ending ending = attempt.endingOf(failure.kind());
        Then then = ending.then(request.retryClass());
        if (then == Then.SAME_AGAIN && request.held.isWhole()) {
            all.remove(attempt);
            makeNow(attempt.place(), attempt.role(), attempt.why(), true);
            return;
        }
        lastResort().add(failure);
        attempt.turnsOutAs(ending);
        attempt.upstream().failed();
        if (ending != Ending.SILENT || patience.hadItsTime(attempt, choice.prediction(attempt.place()))) {
            strike(attempt, ending, failure.reason());
        }
        goOn(attempt, then, failure.kind().words());
    }

    private static void strike(Attempt attempt, Ending ending, String reason) {
        ending.strike().ifPresent(strike -> attempt.watch().onStrike(strike, reason));
    }

    // Onward.

    private void goOn(Attempt from, Then then, String words) {
        if (isOneWaiting()) {
            return;
        }
        if (then != Then.NEXT || !second().next(from, words)) {
            // Where we did not try again ourselves the client may: for want of another backend, or of the body.
            boolean triedAgain = all.size() > 1 || retryDenied();
            giveBest(then == Then.NEXT && triedAgain && request.held.isWhole());
        }
    }

    /** @param exhausted whether another attempt would have been made if there were one to make */
    private void giveBest(boolean exhausted) {
        LastResort.Answer answer = lastResort().answer(mayStillBeKept(), exhausted);
        if (answer instanceof LastResort.Answer.OfBackend its) {
            giveHeld(its.attempt(), exhausted || all.size() > 1);
        } else if (answer instanceof LastResort.Answer.Ours ours) {
            exchange.fail(ours.error(), ours.reason());
        }
    }

    /** Whether a backend that may keep what was looked for has not said that it doesn't. */
    private boolean mayStillBeKept() {
        return all.stream().anyMatch(attempt -> attempt.ending() != Ending.ELSEWHERE) || choice.hasNext();
    }

    /** @param exhausted whether asking again would not help */
    private void giveHeld(Attempt attempt, boolean exhausted) {
        win(attempt);
        attempt.give(exhausted);
    }

    private void win(Attempt attempt) {
        winner = attempt;
        for (Attempt other : all) {
            if (other != attempt) {
                other.cancel();
            }
        }
        relay.onAnswer();
    }

    // Afterwards.

    /** Gives up whatever is under way. */
    void cancel() {
        over = true;
        all.forEach(Attempt::cancel);
    }

    /** The winner stands still in the middle of its answer. */
    void onStill() {
        if (winner != null) {
            strike(winner, Ending.BROKEN, "stood still in an answer");
        }
    }

    Choice choice() {
        return choice;
    }

    /** The one that answered, or the last one that was tried; absent where there was none. */
    Optional<Attempt> last() {
        return winner == null ? relay.target() : Optional.of(winner);
    }

    /** Whether the answer is a stream of events of which the client has seen whole ones only. */
    boolean mayInsertEvent() {
        return winner != null && winner.watch().mayInsertEvent();
    }

    List<Tried> tried() {
        List<Tried> tried = new ArrayList<>(all.size());
        for (Attempt attempt : all) {
            tried.add(attempt.asTried());
        }
        return tried;
    }

    /** Whether a second attempt was not made for want of budget. */
    boolean retryDenied() {
        return second != null && second.denied();
    }
}
