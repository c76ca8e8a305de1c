package io.crowfly.balancer.credential;

import io.crowfly.conf.Credential;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/** A Google service account, by its key: a JWT signed with it is exchanged for a token (RFC 7523), or is shown itself (AIP-4111). */
record ServiceAccountFetch(Credential.ServiceAccount account, Room room, TokenServer server) implements TokenFetch {

    private static final String JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    /** What a JWT is good for where no scope is wanted. */
    private static final String AUDIENCE = "https://aiplatform.googleapis.com/";

    /** The longest that Google takes. */
    private static final Duration LIFE = Duration.ofHours(1);

    /**
     * How far our clock may be off. A JWT from the future is refused: so it is said to be so much older, and to be good so much
     * shorter.
     */
    static final Duration SKEW = Duration.ofSeconds(30);

    @Override
    public CompletableFuture<Token> fetch() throws FetchFailed {
        ServiceAccountKey key = ServiceAccountKey.read(account.file());
        return account.selfSigned() ? CompletableFuture.completedFuture(selfSigned(key)) : exchanged(key);
    }

    private CompletableFuture<Token> exchanged(ServiceAccountKey key) throws FetchFailed {
        Instant issued = issued();
        String jwt = Jwt.sign(key, json -> {
            json.writeStringField("iss", key.email());
            json.writeStringField("aud", key.tokenUrl().toString());
            json.writeStringField("scope", String.join(" ", account.scopes()));
            json.writeNumberField("iat", issued.getEpochSecond());
            json.writeNumberField("exp", issued.plus(LIFE).getEpochSecond());
        });
        return server.post(
                key.tokenUrl(), new Form().with("grant_type", JWT_BEARER).with("assertion", jwt));
    }

    private Token selfSigned(ServiceAccountKey key) throws FetchFailed {
        Instant issued = issued();
        String jwt = Jwt.sign(key, json -> {
            json.writeStringField("iss", key.email());
            json.writeStringField("sub", key.email());
            if (account.scopes().isEmpty()) {
                json.writeStringField("aud", AUDIENCE);
            } else {
                json.writeStringField("scope", String.join(" ", account.scopes()));
            }
            json.writeNumberField("iat", issued.getEpochSecond());
            json.writeNumberField("exp", issued.plus(LIFE).getEpochSecond());
        });
        // Once for being said to be older, and once for a clock here that is slow by as much.
        Duration left = LIFE.minus(SKEW).minus(SKEW);
        return new Token(jwt, room.nanos() + left.toNanos(), room.now().plus(left));
    }

    private Instant issued() {
        return room.now().minus(SKEW);
    }
}
