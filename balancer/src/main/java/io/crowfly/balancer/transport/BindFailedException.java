package io.crowfly.balancer.transport;

import io.crowfly.conf.BindAddress;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Failure to bind an address. The message says why. */
public final class BindFailedException extends IOException {

    private static final long serialVersionUID = 1L;

    private final transient BindAddress address;
    private final boolean inUse;

    private BindFailedException(BindAddress address, String reason, boolean inUse, @Nullable Throwable cause) {
        super("cannot bind " + address + ": " + reason, cause);
        this.address = address;
        this.inUse = inUse;
    }

    /** Returns the failure for the exception of a transport. */
    public static BindFailedException of(BindAddress address, Throwable cause) {
        String reason = String.valueOf(cause.getMessage());
        return new BindFailedException(
                address, reason, reason.toLowerCase(Locale.ROOT).contains("address already in use"), cause);
    }

    static BindFailedException unresolved(BindAddress.Tcp address) {
        return new BindFailedException(address, "the host name does not resolve", false, null);
    }

    static BindFailedException inUse(BindAddress.Unix address) {
        return new BindFailedException(address, "another process listens on the socket", true, null);
    }

    public BindAddress address() {
        return address;
    }

    /** Returns whether another socket has the address. */
    public boolean isInUse() {
        return inUse;
    }
}
