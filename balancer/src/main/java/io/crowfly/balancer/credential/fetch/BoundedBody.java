package io.crowfly.balancer.credential.fetch;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Collector of a token server's response body. Fails if the body exceeds a fixed size, because a wrong address may lead
 * to any server.
 */
final class BoundedBody implements BodySubscriber<byte[]> {

    private final BodySubscriber<byte[]> collector = BodySubscribers.ofByteArray();
    private int remainingBytes = SecretText.MAX_BYTES;
    private Flow.@Nullable Subscription subscription;

    @Override
    public CompletionStage<byte[]> getBody() {
        return collector.getBody();
    }

    @Override
    public void onSubscribe(Flow.Subscription newSubscription) {
        subscription = newSubscription;
        collector.onSubscribe(newSubscription);
    }

    @Override
    public void onNext(List<ByteBuffer> parts) {
        for (ByteBuffer part : parts) {
            remainingBytes -= part.remaining();
        }
        if (remainingBytes >= 0) {
            collector.onNext(parts);
        } else if (subscription != null) {
            subscription.cancel();
            collector.onError(new ResponseTooLarge());
        }
    }

    @Override
    public void onError(Throwable error) {
        collector.onError(error);
    }

    @Override
    public void onComplete() {
        collector.onComplete();
    }

    /** Failure of a too large response. Operators see the name of this class as the reason. */
    private static final class ResponseTooLarge extends IOException {
        private static final long serialVersionUID = 1L;
    }
}
