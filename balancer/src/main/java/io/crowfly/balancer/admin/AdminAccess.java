package io.crowfly.balancer.admin;

import io.crowfly.conf.Admin;
import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.Set;

/*
 * A page of any site can send requests to loopback and private addresses through its visitor's browser. The browser
 * shows a response to the page only if both have the same origin. DNS rebinding defeats this rule: the attacker's DNS
 * server first resolves the page's host name to the attacker's server, and later to the address of the admin. Such a
 * request has the attacker's name in Host. An IP address in Host is no DNS name, and browsers resolve localhost
 * themselves.
 *
 * The token protects an address that can be reached by more hosts than those that may use the admin.
 */

/** Check of admin requests against the conf's {@code admin.hosts} and {@code admin.token}. */
final class AdminAccess {

    /**
     * Served without the token, because load balancers and orchestrators that check the health of an instance have no
     * secret. These paths disclose nothing else.
     */
    private static final Set<String> HEALTH_PATHS = Set.of("/healthz", "/readyz");

    private static final String SCHEME = "Bearer ";

    private AdminAccess() {}

    /** Returns the response to a request that is not served; empty if the request may be served. */
    static Optional<AdminResponse> refusal(AdminRequest request, Admin admin) {
        if (request.hosts().isEmpty() || !request.hosts().stream().allMatch(host -> isAllowed(host, admin.hosts()))) {
            return Optional.of(AdminResponse.error(
                    403, "the host of the request must be an IP address, localhost, or a name in admin.hosts"));
        }
        if (admin.token().isPresent()
                && !HEALTH_PATHS.contains(request.path())
                && !isToken(request.authorization(), admin.token().get().reveal())) {
            return Optional.of(AdminResponse.unauthorized(
                    "the header `authorization: Bearer …` must have the token of the admin"));
        }
        return Optional.empty();
    }

    private static boolean isAllowed(String host, Set<String> names) {
        return host.equals("localhost")
                || names.contains(host)
                || NetUtil.isValidIpV4Address(host)
                || host.startsWith("[") && NetUtil.isValidIpV6Address(host.substring(1, host.length() - 1));
    }

    /** Compares in a time that does not depend on the characters. */
    private static boolean isToken(String authorization, String token) {
        return authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                && MessageDigest.isEqual(
                        authorization.substring(SCHEME.length()).trim().getBytes(StandardCharsets.UTF_8),
                        token.getBytes(StandardCharsets.UTF_8));
    }
}
