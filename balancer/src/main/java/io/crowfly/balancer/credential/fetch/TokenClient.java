package io.crowfly.balancer.credential.fetch;

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
 * Uses the JDK's client because one response an hour needs no event loop. Slow name resolution or a slow handshake then
 * blocks a thread of the JDK's client only. Redirects are not followed and proxies are not used, because both would see
 * a credential. Only HTTP/1.1 is enabled: otherwise the client would request an upgrade to HTTP/2 on plain connections,
 * which the token servers of virtual machines do not support.
 */

/** HTTP client that sends requests to token servers and reads tokens from the responses. */
public final class TokenClient {

    /** Limit of the time from the request to the end of the response. Working servers take well under a second. */
    public static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final CredentialThread thread;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(TIMEOUT)
            .build();

    public TokenClient(CredentialThread thread) {
        this.thread = thread;
    }

    /** Sends a form, as OAuth requires, and returns the token in the response. Any status except 200 is a failure. */
    CompletableFuture<Token> post(URI url, UrlEncodedForm form) {
        HttpRequest request = HttpRequest.newBuilder(url)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form.encoded()))
                .build();
        return send(request, TokenResponse.RETRYABLE_STATUSES);
    }

    /**
     * Sends a request and returns the token in the response.
     *
     * @param retryableStatuses statuses, besides 5xx, after which the next attempt follows soon
     * @return a future that completes on the credential thread; if there is no token, with a {@link FetchFailed}
     */
    CompletableFuture<Token> send(HttpRequest request, Set<Integer> retryableStatuses) {
        long sentNanos = thread.nanos();
        Instant sent = thread.now();
        CompletableFuture<HttpResponse<byte[]>> pendingResponse = client.sendAsync(request, info -> new BoundedBody());
        Future<?> deadline = thread.schedule(TIMEOUT, () -> pendingResponse.cancel(true));
        return pendingResponse.handleAsync(
                (response, error) -> {
                    deadline.cancel(false);
                    try {
                        if (response == null) {
                            throw failure(request, error);
                        }
                        return new TokenResponse(request.uri().getHost(), response, sentNanos, sent)
                                .token(retryableStatuses);
                    } catch (FetchFailed e) {
                        throw new CompletionException(e);
                    }
                },
                thread);
    }

    private static FetchFailed failure(HttpRequest request, @Nullable Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        String reason;
        if (cause == null || cause instanceof CancellationException) {
            reason = "no response within " + TIMEOUT.toSeconds() + " s";
        } else if (cause.getCause() instanceof UnresolvedAddressException) {
            reason = "host name does not resolve";
        } else {
            // The message of the exception is not included, because it adds little and may quote a secret.
            reason = cause.getClass().getSimpleName();
        }
        return FetchFailed.temporary(request.uri().getHost() + ": " + reason);
    }
}
