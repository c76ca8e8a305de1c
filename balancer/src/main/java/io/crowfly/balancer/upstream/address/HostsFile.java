package io.crowfly.balancer.upstream.address;

import io.crowfly.conf.file.FileFingerprint;
import io.netty.resolver.HostsFileEntriesProvider;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.Reader;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Entries of the hosts file, which come before those of DNS. Netty reads the file only once, so it is watched here.
 * Confined to the control loop, which may read the file because a local file of some lines takes microseconds.
 */
final class HostsFile {

    /** The hosts file of Linux and macOS. */
    static final Path OF_SYSTEM = Path.of("/etc/hosts");

    private static final String LOCALHOST = "localhost";

    private final Path file;
    private FileFingerprint fingerprint = new FileFingerprint(Optional.empty());
    private Map<String, List<InetAddress>> ipv4 = Map.of();
    private Map<String, List<InetAddress>> ipv6 = Map.of();

    HostsFile(Path file) {
        this.file = file;
    }

    /** Reads the file if it has changed. If it can't be read, the last entries stay. */
    void update() {
        FileFingerprint present = FileFingerprint.of(file);
        if (present.equals(fingerprint)) {
            return;
        }
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            HostsFileEntriesProvider entries = HostsFileEntriesProvider.parser().parse(reader);
            ipv4 = entries.ipv4Entries();
            ipv6 = entries.ipv6Entries();
            fingerprint = present;
        } catch (IOException e) {
            // An editor may be replacing the file. The next update tries again, because the fingerprint is the old one.
        }
    }

    /**
     * Returns the addresses of a host by the file; empty if the file does not contain the host. {@code localhost}
     * always has addresses, because DNS must not be queried for that name (RFC 6761, section 6.3).
     */
    List<InetAddress> addresses(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        List<InetAddress> addresses = new ArrayList<>(ipv6.getOrDefault(name, List.of()));
        addresses.addAll(ipv4.getOrDefault(name, List.of()));
        if (addresses.isEmpty() && name.equals(LOCALHOST)) {
            return List.of(NetUtil.LOCALHOST6, NetUtil.LOCALHOST4);
        }
        return addresses;
    }
}
