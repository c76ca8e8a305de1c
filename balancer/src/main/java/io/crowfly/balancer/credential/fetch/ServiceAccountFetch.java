package io.crowfly.balancer.credential.fetch;

import io.crowfly.conf.Credential;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/**
 * Fetch of a token for a Google service account. Signs a JWT with the account's key and exchanges it for a token (RFC
 * 7523), or uses the JWT itself as the token (AIP-4111).
 */
public record ServiceAccountFetch(Credential.ServiceAccount account, CredentialThread thread, TokenClient client)
        implements TokenFetch {

    private static final String JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    /** Audience of a self-signed JWT without scopes. */
    private static final String AUDIENCE = "https://aiplatform.googleapis.com/";

    /** Lifetime of a JWT: the longest that Google accepts. */
    private static final Duration LIFETIME = Duration.ofHours(1);

    /**
     * Error of this machine's clock that a JWT tolerates. Google refuses a JWT from the future, so its issue time and
     * its expiry are moved back by this duration.
     */
    static final Duration CLOCK_SKEW = Duration.ofSeconds(30);

    @Override
    public CompletableFuture<Token> fetch() throws FetchFailed {
        ServiceAccountKey key = ServiceAccountKey.read(account.file());
        return account.selfSigned() ? CompletableFuture.completedFuture(selfSignedToken(key)) : exchangeJwt(key);
    }

    private CompletableFuture<Token> exchangeJwt(ServiceAccountKey key) throws FetchFailed {
        Instant issuedAt = issuedAt();
        String jwt = Jwt.sign(key, json -> {
            json.writeStringField("iss", key.email());
            json.writeStringField("aud", key.tokenUrl().toString());
            json.writeStringField("scope", String.join(" ", account.scopes()));
            json.writeNumberField("iat", issuedAt.getEpochSecond());
            json.writeNumberField("exp", issuedAt.plus(LIFETIME).getEpochSecond());
        });
        return client.post(
                key.tokenUrl(),
                new UrlEncodedForm().with("grant_type", JWT_BEARER).with("assertion", jwt));
    }

    private Token selfSignedToken(ServiceAccountKey key) throws FetchFailed {
        Instant issuedAt = issuedAt();
        String jwt = Jwt.sign(key, json -> {
            json.writeStringField("iss", key.email());
            json.writeStringField("sub", key.email());
            if (account.scopes().isEmpty()) {
                json.writeStringField("aud", AUDIENCE);
            } else {
                json.writeStringField("scope", String.join(" ", account.scopes()));
            }
            json.writeNumberField("iat", issuedAt.getEpochSecond());
            json.writeNumberField("exp", issuedAt.plus(LIFETIME).getEpochSecond());
        });
        // The skew is subtracted twice: the issue time is moved back by it, and this machine's clock may be slow by as
        // much.
        Duration lifetime = LIFETIME.minus(CLOCK_SKEW).minus(CLOCK_SKEW);
        return new Token(jwt, thread.nanos() + lifetime.toNanos(), thread.now().plus(lifetime));
    }

    private Instant issuedAt() {
        return thread.now().minus(CLOCK_SKEW);
    }
}
