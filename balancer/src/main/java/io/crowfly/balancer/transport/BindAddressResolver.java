package io.crowfly.balancer.transport;

import io.crowfly.conf.BindAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Resolver of bind addresses to socket addresses. Removes the file of a Unix socket that no process uses. */
public final class BindAddressResolver {

    private BindAddressResolver() {}

    /**
     * Returns the address to bind. Deletes the file of a Unix socket on which no process listens.
     *
     * @throws IOException if a host name does not resolve, or a process listens on the Unix socket
     */
    public static SocketAddress toBind(BindAddress address, Transport transport) throws IOException {
        if (address instanceof BindAddress.Unix unix) {
            removeLeftover(unix);
            return transport.unixAddress().apply(unix.path());
        }
        BindAddress.Tcp tcp = (BindAddress.Tcp) address;
        InetSocketAddress resolved = new InetSocketAddress(tcp.host(), tcp.port());
        if (resolved.isUnresolved()) {
            throw BindFailedException.unresolved(tcp);
        }
        return resolved;
    }

    /**
     * Deletes the file of a Unix socket if no process listens on it. The file stays when its process ends, and the path
     * cannot be bound again before the file is deleted.
     */
    private static void removeLeftover(BindAddress.Unix address) throws IOException {
        Path path = address.path();
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                || !Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .isOther()) {
            return;
        }
        try (SocketChannel connection = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            connection.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            Files.deleteIfExists(path);
            return;
        }
        throw BindFailedException.inUse(address);
    }
}
