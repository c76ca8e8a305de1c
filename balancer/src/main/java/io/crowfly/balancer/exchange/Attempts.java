package io.crowfly.balancer.exchange;

import io.crowfly.balancer.exchange.Ending.Then;
import io.crowfly.balancer.exchange.Tried.Role;
import io.crowfly.balancer.exchange.UpstreamFailure.Kind;
import io.crowfly.balancer.routing.Candidates.Candidate;
import io.crowfly.balancer.routing.Chooser;
import io.crowfly.conf.Hedge;
import io.crowfly.conf.Retry;
import io.crowfly.conf.Routing;
import io.crowfly.probes.Prediction;
import io.crowfly.probes.ProbeTimes;
import io.netty.handler.codec.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/*
 * Until one attempt has an answer for the client (the winner), an exchange may have several: one that waits, and beside it
 * a hedge that waits too, or an error that is held in case nothing better comes. What becomes of each is the table in
 * Ending; here it is asked for, and whether there is another backend, an attempt, time and budget left.
 */

/** The attempts of one exchange, up to the one that answers. */
final class Attempts {

    /** How many backends are asked for something that nobody has seen; each look is cheap. */
    private static final int MOST_LOOKS = 8;

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

    /** Of the errors that came, the one to give if nothing better comes. */
    private @Nullable Attempt best;

    private @Nullable UpstreamFailure lastFailure;
    private boolean over;
    private boolean hedged;
    private boolean retryDenied;

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
        refresh = new CredentialRefresh(exchanges.executor, this::onRefreshed);
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
        attempt(place, choice.explores() ? Role.EXPLORATION : Role.FIRST, choice.why(place), false);
        return true;
    }

    private void attempt(int place, Role role, String why, boolean fresh) {
        Candidate candidate = choice.candidate(place);
        Upstream upstream = choice.upstream(place);
        AttemptWatch watch = new AttemptWatch(
                request,
                upstream.backend(),
                candidate.prediction(),
                exchanges.observations,
                snapshot.homes(),
                snapshot.alone());
        Attempt attempt = new Attempt(this, upstream, place, role, why, watch);
        all.add(attempt);
        relay.to(attempt);
        attempt.start(exchanges.loop, fresh);
    }

    /** Outside of the client's read, so that nobody else flushes. */
    private void attemptNow(int place, Role role, String why, boolean fresh) {
        attempt(place, role, why, fresh);
        relay.flush();
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
        // Giving one up may put another one behind it.
        for (int i = 0; i < all.size(); i++) {
            Attempt attempt = all.get(i);
            if (attempt.isWaiting()) {
                attempt.watch().onTick(nowNanos);
                Optional<UpstreamFailure> late = patience.lateness(attempt, nowNanos);
                late.ifPresent(attempt::giveUp);
                turn |= late.isPresent() || attempt.awaitsAnswer();
            }
        }
        Attempt only = onlyOneWaiting();
        if (only != null && only.awaitsAnswer() && request.retryClass().repeatable() && mayTryNext(nowNanos)) {
            giveUpOrHedge(only, nowNanos);
        }
        return turn;
    }

    /** Whether what is still to come may be late by milliseconds. */
    boolean awaitsSign() {
        return winner == null || winner.watch().awaitsSign();
    }

    private Routing routing() {
        return snapshot.conf().routing();
    }

    private void giveUpOrHedge(Attempt slow, long nowNanos) {
        Prediction prediction = predictionOf(slow);
        if (Patience.isExhausted(slow, prediction, nowNanos) && budgetAllowsRetry(nowNanos)) {
            slow.giveUp(Patience.noAnswerWithin(slow.watch().waitedNanos(nowNanos)));
        } else if (!hedged && routing().hedge().isPresent() && Patience.isSlow(slow, prediction, nowNanos)) {
            hedge(slow, routing().hedge().get(), nowNanos);
        }
    }

    private void hedge(Attempt slow, Hedge conf, long nowNanos) {
        if (exchanges.retryBudget.hedge(exchanges.loop, conf.budget(), nowNanos)) {
            hedged = true;
            attemptNow(choice.next(), Role.HEDGE, "beside " + name(slow) + ", which is slow", false);
        }
    }

    private @Nullable Attempt onlyOneWaiting() {
        Attempt only = null;
        for (Attempt attempt : all) {
            if (attempt.isWaiting()) {
                if (only != null) {
                    return null;
                }
                only = attempt;
            }
        }
        return only;
    }

    private boolean isOneWaiting() {
        if (refresh.isUnderWay()) {
            return true;
        }
        for (Attempt attempt : all) {
            if (attempt.isWaiting()) {
                return true;
            }
        }
        return false;
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
            retryAfter = attempt.watch().onThrottled(head.headers());
        } else if (ending == Ending.ANSWERED) {
            attempt.watch().onAnswer(head);
        } else if (!mayRefresh(attempt, head)) {
            strike(attempt, ending, "status " + head.status());
        }
        boolean otherWords = mayNeedOtherWords(attempt, head);
        if (ending.then(request.retryClass()) == Then.GIVE) {
            if (otherWords) {
                attempt.hold(head, ending, 0, true);
            }
            win(attempt, head, false);
        } else {
            attempt.hold(head, ending, retryAfter == ProbeTimes.ABSENT ? Long.MAX_VALUE : retryAfter, otherWords);
        }
    }

    /** As much has come of an error as is needed to go on, or as is held. */
    void onHeld(Attempt attempt) {
        HeldAnswer held = attempt.held();
        if (mayRefresh(attempt, held.head)) {
            refresh.begin(attempt);
            return;
        }
        if (attempt.ending() == Ending.UNCLEAR) {
            Ending clear = clear(held);
            if (clear == Ending.ANSWERED) {
                win(attempt, held.head, false);
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

    private Ending clear(HeldAnswer held) {
        if (held.isWhole() && held.head.status() == 404 && request.namesModel() && held.namesMissingModel()) {
            return Ending.NO_DEPLOYMENT;
        }
        return choice.mayBeElsewhere() && held.namesMissingReference() ? Ending.ELSEWHERE : Ending.ANSWERED;
    }

    private void considerHeld(Attempt attempt, HeldAnswer held) {
        attempt.upstream().failed();
        if (best == null || held.isBetterThan(best.held())) {
            if (best != null) {
                best.cancel();
            }
            best = attempt;
        } else {
            attempt.cancel();
        }
        goOn(attempt, Then.NEXT, "status " + held.head.status());
    }

    /** Whether it is an error that clients' libraries may not understand; a HEAD has no body to say it in. */
    private boolean mayNeedOtherWords(Attempt attempt, ResponseHead head) {
        return head.status() >= 400
                && attempt.upstream().dialect().translatesErrors()
                && !request.head.method().equals(HttpMethod.HEAD);
    }

    private boolean mayRefresh(Attempt attempt, ResponseHead head) {
        return request.held.isWhole() && refresh.mayHelp(attempt, head);
    }

    private void onRefreshed(Attempt attempt, boolean another) {
        if (over || winner != null) {
            return;
        }
        HeldAnswer held = attempt.held();
        if (another && request.held.isWhole()) {
            attempt.cancel();
            attemptNow(
                    attempt.place(), Role.RETRY, "once more at " + name(attempt) + ", with a fresh credential", false);
        } else {
            strike(attempt, Ending.UNAUTHORIZED, "status 401");
            if (held != null) {
                considerHeld(attempt, held);
            } else {
                goOn(attempt, Then.NEXT, "status 401");
            }
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
            if (best == attempt) {
                best = null;
            } else {
                lastFailure = failure;
                attempt.upstream().failed();
                goOn(
                        attempt,
                        attempt.ending().then(request.retryClass()),
                        failure.kind().words());
            }
        }
    }

    private void onUnanswered(Attempt attempt, UpstreamFailure failure) {
        Ending ending = attempt.endingOf(failure.kind());
        Then then = ending.then(request.retryClass());
        if (then == Then.SAME_AGAIN && request.held.isWhole()) {
            all.remove(attempt);
            attemptNow(attempt.place(), attempt.role(), attempt.why(), true);
            return;
        }
        lastFailure = failure;
        attempt.turnsOutAs(ending);
        attempt.upstream().failed();
        if (ending != Ending.SILENT || patience.hadItsTime(attempt, predictionOf(attempt))) {
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
        if (then != Then.NEXT || !tryNext(from, "next best after " + name(from) + ": " + words)) {
            // Where we did not try again ourselves the client may: for want of another backend, or of the body.
            boolean triedAgain = all.size() > 1 || retryDenied;
            giveBest(then == Then.NEXT && triedAgain && request.held.isWhole());
        }
    }

    private boolean tryNext(Attempt from, String why) {
        long now = System.nanoTime();
        if (!mayTryNext(now)) {
            return false;
        }
        if (from.ending().isTrouble() && !exchanges.retryBudget.retry(exchanges.loop, retry().budget(), now)) {
            retryDenied = true;
            return false;
        }
        attemptNow(choice.next(), Role.RETRY, why, false);
        return true;
    }

    private boolean mayTryNext(long nowNanos) {
        return request.held.isWhole() && mayTryMore() && !patience.isOver(nowNanos) && choice.hasNext();
    }

    /** To say that there is no such thing, all must have been asked who may keep it. */
    private boolean mayTryMore() {
        boolean looking = all.stream().allMatch(attempt -> attempt.ending() == Ending.ELSEWHERE);
        return all.size() < (looking ? MOST_LOOKS : retry().attempts());
    }

    private boolean budgetAllowsRetry(long nowNanos) {
        return exchanges.retryBudget.allowsRetry(retry().budget(), nowNanos);
    }

    private Retry retry() {
        return snapshot.conf().routing().retry();
    }

    /** @param exhausted whether another attempt would have been made if there were one to make */
    private void giveBest(boolean exhausted) {
        Attempt given = best;
        if (given != null && given.ending() == Ending.ELSEWHERE && mayStillBeKept()) {
            exchange.fail(ErrorAnswer.keptOutOfReach(), "not found where it could be looked for");
            return;
        } else if (given != null && isRefusedByOurFault(given)) {
            exchange.fail(ErrorAnswer.credentialRefused().notToBeRetried(), "status 401");
            return;
        } else if (given != null) {
            win(given, given.held().head, exhausted || all.size() > 1);
            return;
        }
        UpstreamFailure failure = lastFailure;
        boolean late = failure.kind() == Kind.FIRST_BYTE_TIMEOUT || failure.kind() == Kind.CONNECT_TIMEOUT;
        ErrorAnswer answer = late ? ErrorAnswer.upstreamTimeout() : ErrorAnswer.upstreamFailed();
        exchange.fail(exhausted ? answer.notToBeRetried() : answer, failure.reason());
    }

    /** Whether a backend that may keep what was looked for has not said that it doesn't. */
    private boolean mayStillBeKept() {
        return choice.hasNext() || all.stream().anyMatch(attempt -> attempt.ending() != Ending.ELSEWHERE);
    }

    /** It was shown our credential: a client that is told of it would doubt its own. */
    private static boolean isRefusedByOurFault(Attempt attempt) {
        return attempt.ending() == Ending.UNAUTHORIZED && attempt.held().head.status() == 401;
    }

    /** @param exhausted of an error that is held */
    private void win(Attempt attempt, ResponseHead head, boolean exhausted) {
        winner = attempt;
        best = null;
        for (Attempt other : all) {
            if (other != attempt) {
                other.cancel();
            }
        }
        relay.onAnswer();
        if (attempt.held() != null) {
            attempt.give(exhausted);
        } else {
            attempt.relay();
            exchange.onHead(attempt, head, false);
        }
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
        return retryDenied;
    }

    private Prediction predictionOf(Attempt attempt) {
        return choice.candidate(attempt.place()).prediction();
    }

    private static String name(Attempt attempt) {
        return attempt.upstream().backend().name();
    }
}
