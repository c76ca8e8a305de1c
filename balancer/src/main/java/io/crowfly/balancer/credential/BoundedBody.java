package io.crowfly.balancer.credential;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** A token server's answer, as long as it is no longer than one can be: a wrong address may lead anywhere. */
final class BoundedBody implements BodySubscriber<byte[]> {

    private final BodySubscriber<byte[]> bytes = BodySubscribers.ofByteArray();
    private int room = SecretText.MAX_BYTES;
    private Flow.@Nullable Subscription subscription;

    @Override
    public CompletionStage<byte[]> getBody() {
        return bytes.getBody();
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        bytes.onSubscribe(given);
    }

    @Override
    public void onNext(List<ByteBuffer> parts) {
        for (ByteBuffer part : parts) {
            room -= part.remaining();
        }
        if (room >= 0) {
            bytes.onNext(parts);
        } else if (subscription != null) {
            subscription.cancel();
            bytes.onError(new AnswerTooLarge());
        }
    }

    @Override
    public void onError(Throwable error) {
        bytes.onError(error);
    }

    @Override
    public void onComplete() {
        bytes.onComplete();
    }

    /** Its name is what operators are told. */
    private static final class AnswerTooLarge extends IOException {
        private static final long serialVersionUID = 1L;
    }
}
