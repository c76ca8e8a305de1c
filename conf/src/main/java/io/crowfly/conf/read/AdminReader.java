package io.crowfly.conf.read;

import io.crowfly.conf.Admin;
import io.crowfly.conf.BindAddress;
import io.crowfly.conf.read.field.Field;
import io.crowfly.conf.read.field.Section;
import io.crowfly.conf.read.field.SectionFields;
import io.crowfly.conf.value.Secret;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reader of {@code admin}. */
final class AdminReader {

    private static final BindAddress DEFAULT_BIND = new BindAddress.Tcp("127.0.0.1", 9901);

    /** With underscores, which names of containers may have. */
    private static final Pattern HOST_NAME = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?");

    private final Optional<SectionFields> fields;
    private final BindAddressReader binds;

    /** Reserves the default address if the file sets no other. */
    AdminReader(Optional<Field> admin, BindAddressReader binds) {
        this.fields = admin.map(field -> field.fields(Section.ADMIN));
        this.binds = binds;
        if (find("bind").isEmpty()) {
            binds.reserve(DEFAULT_BIND, "admin, by default");
        }
    }

    private Optional<Field> find(String key) {
        return fields.flatMap(section -> section.find(key));
    }

    /** Reads the section. An address that a listener has read before is reported here. */
    Admin read() {
        BindAddress bind =
                find("bind").flatMap(field -> binds.read(field, "admin")).orElse(DEFAULT_BIND);
        if (find("token").isEmpty() && !isLocal(bind)) {
            find("bind").ifPresent(AdminReader::warnOfMissingToken);
        }
        return new Admin(
                bind,
                find("hosts").map(AdminReader::hosts).orElse(Set.of()),
                find("token").flatMap(AdminReader::token));
    }

    /** A warning, not a problem, because a firewall or a network policy may protect the address as well. */
    private static void warnOfMissingToken(Field bind) {
        bind.warning(
                "the admin has no `token`, and every host that can connect to " + bind.quoted()
                        + " can read the conf, reload and drain",
                "add `token: \"${file:secrets/admin-token}\"`, or bind 127.0.0.1");
    }

    /** Returns whether only this machine can connect. A name other than localhost is not resolved. */
    private static boolean isLocal(BindAddress bind) {
        if (!(bind instanceof BindAddress.Tcp tcp)) {
            return true;
        }
        boolean ipAddress = tcp.host().indexOf(':') >= 0 || BindAddressReader.looksLikeIpv4(tcp.host());
        try {
            return ipAddress
                    ? InetAddress.getByName(tcp.host()).isLoopbackAddress()
                    : tcp.host().equalsIgnoreCase("localhost");
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static Set<String> hosts(Field field) {
        Set<String> hosts = new LinkedHashSet<>();
        for (Field item : field.items()) {
            item.text().ifPresent(host -> {
                if (HOST_NAME.matcher(host).matches()) {
                    hosts.add(host.toLowerCase(Locale.ROOT));
                } else {
                    item.problem(
                            item.quoted() + " is not a host name",
                            "write the name without a port; IP addresses need not be listed");
                }
            });
        }
        return hosts;
    }

    /** The value is never quoted in a message. */
    private static Optional<Secret> token(Field field) {
        Optional<String> text = field.text();
        if (text.isPresent() && !text.get().chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            field.problem(
                    "`token` contains a space or a character beyond ASCII, which a header can't carry",
                    "write only the token, without quotes or `Bearer`");
            return Optional.empty();
        }
        return text.map(Secret::new);
    }
}
