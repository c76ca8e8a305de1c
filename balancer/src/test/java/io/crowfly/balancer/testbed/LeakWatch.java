package io.crowfly.balancer.testbed;

import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBufAllocator;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails every test class that does not release all of its Netty resources. Registered for all test classes.
 *
 * <p>A report names the place where the resource was created. To see its uses too, run the test with {@code
 * "-Dtest.leak.args=-Dio.netty.leakDetection.level=paranoid -Dio.netty.leakDetection.targetRecords=20"}.
 */
public final class LeakWatch implements AfterAllCallback {

    @Override
    public void afterAll(ExtensionContext context) {
        if (!LeakRecorder.tracked) {
            // The garbage collections would take longer than many a class without Netty resources.
            return;
        }
        List<String> leaks = collect();
        if (!leaks.isEmpty()) {
            throw new AssertionError(leaks.size() + " leaks, the first: " + leaks.get(0));
        }
    }

    /**
     * Returns the leaks since the last call. A leak is detected when its object has been collected and the detector is
     * used again.
     */
    static List<String> collect() {
        // Twice, because objects freed by the first collection may refer to others.
        collectGarbage();
        collectGarbage();
        ByteBufAllocator.DEFAULT.buffer(1).release();
        List<String> leaks = List.copyOf(LeakRecorder.LEAKS);
        LeakRecorder.LEAKS.clear();
        LeakRecorder.tracked = false;
        return leaks;
    }

    private static void collectGarbage() {
        // The JVM appends references to their queues after the collection, those of one collection together.
        ReferenceQueue<Object> collected = new ReferenceQueue<>();
        PhantomReference<Object> canary = new PhantomReference<>(new Object(), collected);
        await().until(() -> {
            System.gc();
            return collected.poll() == canary;
        });
    }
}
