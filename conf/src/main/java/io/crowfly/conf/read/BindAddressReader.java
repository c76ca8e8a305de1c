package io.crowfly.conf.read;

import io.crowfly.conf.BindAddress;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.Place;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reader of {@code bind} addresses, which reports an address that is used twice. The kernel would accept the second
 * use: with SO_REUSEPORT two listeners on one port both succeed, and each receives a part of the other's connections.
 */
final class BindAddressReader {

    /** Maximum length of a Unix socket's path: {@code sun_path} of Linux has 108 bytes, and the last byte is zero. */
    private static final int MAX_UNIX_PATH_BYTES = 107;

    private static final Pattern HOST_NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?");
    private static final Pattern IPV4 = Pattern.compile("((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(?!$)|$)){4}");
    private static final Pattern LOOKS_LIKE_IPV4 = Pattern.compile("[0-9.]+");

    private static final String FORMS = "write host:port, [ipv6]:port or unix:/path";

    private final Map<BindAddress, String> taken = new HashMap<>();
    private final Map<BindAddress, Place> places = new HashMap<>();

    /** Returns the place of each address that was read. */
    Map<BindAddress, Place> places() {
        return places;
    }

    /** Reserves a default address that the file does not contain, so that its use by a listener is reported. */
    void reserve(BindAddress bind, String owner) {
        taken.put(bind, owner);
    }

    /**
     * Reads an address and reserves it.
     *
     * @param owner the listener or {@code admin}, named in the message if the address is used twice
     */
    Optional<BindAddress> read(Field field, String owner) {
        if (field.isNumber()) {
            field.problem(
                    "`bind` is only a port: " + field.quoted(),
                    mendPort(field.quoted().replace("`", "")));
            return Optional.empty();
        }
        Optional<BindAddress> bind = field.text()
                .flatMap(text ->
                        text.startsWith("unix:") ? unix(field, text.substring("unix:".length())) : tcp(field, text));
        bind.ifPresent(address -> places.putIfAbsent(address, field.place()));
        if (bind.isPresent() && !(bind.get() instanceof BindAddress.Tcp tcp && tcp.port() == 0)) {
            String other = taken.putIfAbsent(bind.get(), owner);
            if (other != null) {
                field.problem(field.quoted() + " is already used by " + other, "choose another port or path");
            }
        }
        return bind;
    }

    private static String mendPort(String port) {
        return "write 127.0.0.1:" + port + " for this machine only, 0.0.0.0:" + port
                + " for every IPv4 address of this machine, \"[::]:" + port + "\" for IPv6 too, or unix:/path";
    }

    private static Optional<BindAddress> unix(Field field, String name) {
        if (name.isEmpty()) {
            field.problem("`unix:` has no path", FORMS);
            return Optional.empty();
        }
        try {
            Path path = field.reading().files().resolve(name, field.place().file());
            int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
            if (length <= MAX_UNIX_PATH_BYTES) {
                return Optional.of(new BindAddress.Unix(path));
            }
            field.problem(
                    "the socket's absolute path has " + length + " bytes, but the kernel allows only "
                            + MAX_UNIX_PATH_BYTES,
                    "choose a shorter path");
        } catch (InvalidPathException e) {
            field.problem(field.quoted() + " is not a valid file name on this system", "name another file");
        }
        return Optional.empty();
    }

    private static Optional<BindAddress> tcp(Field field, String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            boolean isPort = text.chars().allMatch(c -> c >= '0' && c <= '9');
            field.problem(
                    isPort ? "`bind` is only a port: " + field.quoted() : field.quoted() + " has no port",
                    isPort ? mendPort(text) : FORMS);
            return Optional.empty();
        }
        Optional<String> host = host(field, text.substring(0, colon));
        Optional<Integer> port = port(field, text.substring(colon + 1));
        return host.flatMap(h -> port.map(p -> new BindAddress.Tcp(h, p)));
    }

    private static Optional<Integer> port(Field field, String text) {
        if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            if (text.length() <= 5 && Integer.parseInt(text) <= 65535) {
                return Optional.of(Integer.parseInt(text));
            }
            field.problem("port out of range in " + field.quoted(), "write 1 to 65535, or 0 for any free port");
        } else {
            field.problem("no port number at the end of " + field.quoted(), FORMS);
        }
        return Optional.empty();
    }

    private static Optional<String> host(Field field, String host) {
        if (host.startsWith("[") && host.endsWith("]")) {
            String literal = host.substring(1, host.length() - 1);
            if (isIpv6(literal)) {
                return Optional.of(literal);
            }
            field.problem(
                    "no IPv6 address between the brackets of " + field.quoted(), "write [::] or [::1], for example");
        } else if (host.indexOf(':') >= 0) {
            field.problem("an IPv6 address needs brackets in " + field.quoted(), "write [::1]:8080, for example");
        } else if (host.isEmpty() || host.equals("*")) {
            field.problem(field.quoted() + " has no host", "write 0.0.0.0 or [::] for every address of this machine");
        } else if (looksLikeIpv4(host)
                ? IPV4.matcher(host).matches()
                : HOST_NAME.matcher(host).matches()) {
            return Optional.of(host);
        } else {
            field.problem("no host name or IP address in " + field.quoted(), FORMS);
        }
        return Optional.empty();
    }

    static boolean looksLikeIpv4(String host) {
        return LOOKS_LIKE_IPV4.matcher(host).matches();
    }

    private static boolean isIpv6(String literal) {
        if (literal.indexOf(':') < 0) {
            return false;
        }
        try {
            // With a colon inside the brackets, getByName only parses and sends no DNS query.
            InetAddress.getByName('[' + literal + ']');
            return true;
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
