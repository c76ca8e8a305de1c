package io.crowfly.balancer.credential;

import java.util.concurrent.Executor;

/** One credential, kept ready so that showing it is a read. Safe for use by several threads; nothing here blocks. */
public interface CredentialSource {

    Shown now();

    /**
     * A backend has refused what it was shown. Gets another one, unless that has been done since it was shown, and unless it
     * was done a moment ago.
     *
     * @param then told on the executor, once: whether there is now another one to show
     */
    void refused(Shown shown, Executor executor, Refreshed then);

    @FunctionalInterface
    interface Refreshed {
        void done(boolean another);
    }

    /** How the getting of it fares. */
    CredentialStatus status();
}
