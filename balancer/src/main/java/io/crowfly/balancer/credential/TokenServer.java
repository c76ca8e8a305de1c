package io.crowfly.balancer.credential;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/*
 * The JDK's client, since an answer an hour needs no event loop, and a name that resolves slowly, or a handshake, then takes
 * the time of a thread of its own. No redirect is followed and no proxy asked: both would get to see a credential. HTTP/1.1
 * alone, as on plain connections the client would ask for an upgrade otherwise, which the servers of virtual machines don't know.
 */

/** Asks the servers that give out tokens. */
final class TokenServer {

    /** From the request to the end of its answer. Those that work take well under a second. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Room room;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(PATIENCE)
            .build();

    TokenServer(Room room) {
        this.room = room;
    }

    /** As OAuth has it: a form, to which every state but 200 is a refusal. */
    CompletableFuture<Token> post(URI url, Form form) {
        HttpRequest request = HttpRequest.newBuilder(url)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form.encoded()))
                .build();
        return ask(request, TokenAnswer.PASSING);
    }

    /**
     * @param passing states beside 5xx that are worth another attempt soon
     * @return completes on the room's thread; exceptionally with a {@link FetchFailed}
     */
    CompletableFuture<Token> ask(HttpRequest request, Set<Integer> passing) {
        long sentNanos = room.nanos();
        Instant sent = room.now();
        CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(request, info -> new BoundedBody());
        Future<?> deadline = room.after(PATIENCE, () -> answer.cancel(true));
        return answer.handleAsync(
                (response, error) -> {
                    deadline.cancel(false);
                    try {
                        if (response == null) {
                            throw failure(request, error);
                        }
                        return new TokenAnswer(request.uri().getHost(), response, sentNanos, sent).token(passing);
                    } catch (FetchFailed e) {
                        throw new CompletionException(e);
                    }
                },
                room);
    }

    private static FetchFailed failure(HttpRequest request, @Nullable Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        String why;
        if (cause == null || cause instanceof CancellationException) {
            why = "no answer within " + PATIENCE.toSeconds() + " s";
        } else if (cause.getCause() instanceof UnresolvedAddressException) {
            why = "its name does not resolve";
        } else {
            // Its message would add little, and nobody knows all that it may quote.
            why = cause.getClass().getSimpleName();
        }
        return FetchFailed.passing(request.uri().getHost() + ": " + why);
    }
}
