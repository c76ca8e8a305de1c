package io.crowfly.conf.key;

import java.util.List;

/** Keys of the top level, and of {@code listeners}, {@code admin} and {@code state}. */
public final class TopLevelKeys {

    public static final ValueType.Whole IDS = new ValueType.Whole(1, 100_000_000);

    public static final List<Key> FILE = List.of(
            new Key(
                    "include",
                    Types.oneOrMore("file, or list of files", Types.FILE),
                    "none",
                    "include: [shared/edge.yaml, shared/europe.yaml]",
                    "files whose keys apply too, see [Shared parts](#shared-parts-include)"),
            new Key("region", Types.NAME, "none", "region: nl", "label of every metric and log line"),
            new Key(
                    "listeners",
                    new ValueType.Items("list, at least one", new ValueType.Mapping("listeners[]")),
                    Key.REQUIRED,
                    "listeners: [{name: public, bind: \"0.0.0.0:8080\"}]",
                    "addresses that accept connections from clients"),
            new Key(
                    "admin",
                    new ValueType.Mapping("admin"),
                    "",
                    "admin: {bind: \"127.0.0.1:9901\"}",
                    "the admin interface for operators"),
            new Key(
                    "backends",
                    new ValueType.Items("list, at least one", new ValueType.Mapping("backends[]")),
                    Key.REQUIRED,
                    "backends: [{name: one, provider: openai, url: \"https://api.openai.com\"}]",
                    "endpoints to which Crowfly sends requests"),
            new Key(
                    "probes",
                    new ValueType.Mapping("probes"),
                    "",
                    "probes: {interval: 5s}",
                    "how backends are probed; a backend may override each key"),
            new Key(
                    "routing",
                    new ValueType.Mapping("routing"),
                    "",
                    "routing: {retry: {attempts: 2}}",
                    "how Crowfly chooses a backend for each request"),
            new Key(
                    "timeouts",
                    new ValueType.Mapping("timeouts"),
                    "",
                    "timeouts: {drain: 60s}",
                    "limits of a request in time"),
            new Key(
                    "limits",
                    new ValueType.Mapping("limits"),
                    "",
                    "limits: {body-size: 128MiB}",
                    "limits of a request in size"),
            new Key(
                    "state",
                    new ValueType.Mapping("state"),
                    "",
                    "state: {ttl: 7d}",
                    "how requests reach the backend that owns the responses, files, … that they refer to"),
            new Key(
                    "access-log",
                    new ValueType.Text("`stdout`, or a file"),
                    "off",
                    "access-log: stdout",
                    "one line per request. The directory of the file must exist"),
            new Key(
                    "trace-decisions",
                    Types.FLAG,
                    "`false`",
                    "trace-decisions: true",
                    "responses carry `x-crowfly-backend` and `x-crowfly-decision`. Crowfly's own error responses "
                            + "carry only `x-crowfly-decision`"));

    public static final List<Key> LISTENER = List.of(
            new Key("name", Types.NAME, Key.REQUIRED, "name: public", "unique among listeners"),
            new Key(
                    "bind",
                    Types.ADDRESS,
                    Key.REQUIRED,
                    "bind: 0.0.0.0:8443",
                    "`host:port`, `[ipv6]:port`, or `unix:/path` (at most 107 bytes). Port 0 takes any free "
                            + "port. Any other address may be used once"),
            new Key(
                    "protocols",
                    new ValueType.Items("list", new ValueType.Word(List.of("http/1.1"))),
                    "`[http/1.1]`",
                    "protocols: [http/1.1]",
                    "only `http/1.1` is supported. *Not built yet: `h2`, `h2c`, `h3`*"),
            new Key(
                    "cors",
                    new ValueType.Either("mapping", List.of(new ValueType.Mapping("listeners[].cors"), Types.ORIGINS)),
                    "none",
                    "cors: {origins: [https://chat.contoso.com]}",
                    "the web pages that may use this listener from a browser: `{origins: "
                            + "[https://chat.contoso.com]}`, or `{origins: \"*\"}` for every page. `[https://…]` and "
                            + "`\"*\"` alone mean the same. See [Web pages](#web-pages)"),
            new Key(
                    "tls",
                    new ValueType.Mapping("listeners[].tls"),
                    "no TLS",
                    "tls: {certificates: [{cert: tls/edge.crt, key: tls/edge.key}]}",
                    "the certificates of this listener"));

    public static final List<Key> CORS = List.of(new Key(
            "origins",
            Types.ORIGINS,
            Key.REQUIRED,
            "origins: [https://chat.contoso.com]",
            "the origins of the pages, or `\"*\"` for every page"));

    public static final List<Key> LISTENER_TLS = List.of(new Key(
            "certificates",
            new ValueType.Items("list of `{cert, key}`", new ValueType.Mapping("listeners[].tls.certificates[]")),
            Key.REQUIRED,
            "certificates: [{cert: tls/edge.crt, key: tls/edge.key}]",
            "With several certificates, SNI selects one. The first one is for clients that send no host "
                    + "name or an unknown one. See [Certificates](#certificates)"));

    public static final List<Key> CERTIFICATE = List.of(
            new Key(
                    "cert",
                    Types.FILE,
                    Key.REQUIRED,
                    "cert: tls/edge.crt",
                    "PEM file of the certificate chain, the leaf first"),
            new Key(
                    "key",
                    Types.FILE,
                    Key.REQUIRED,
                    "key: tls/edge.key",
                    "PEM file of the unencrypted PKCS#8 key of the leaf"));

    public static final List<Key> ADMIN = List.of(
            new Key(
                    "bind",
                    Types.ADDRESS,
                    "`127.0.0.1:9901`",
                    "bind: 10.0.0.5:9901",
                    "same format as for listeners. If other hosts can reach this address, set a `token`: without "
                            + "one, `check` and each reload warn"),
            new Key(
                    "hosts",
                    new ValueType.Items("list of host names", Types.TEXT),
                    "none",
                    "hosts: [edge-1.contoso.internal]",
                    "names that requests may have in `Host`, without a port: `[edge-1.contoso.internal]`. IP "
                            + "addresses and `localhost` are always allowed. Any other host gets a 403"),
            new Key(
                    "token",
                    Types.TEXT,
                    "none",
                    "token: \"${file:secrets/admin-token}\"",
                    "a secret that requests must carry, as `authorization: Bearer TOKEN`. Only `/healthz` and "
                            + "`/readyz` need no token. Write it as `\"${file:secrets/admin-token}\"`: a new content of "
                            + "the file takes effect by itself, as a reload"));

    public static final List<Key> STATE = List.of(
            new Key(
                    "default-owner",
                    new ValueType.Text("a backend's name", "[A-Za-z0-9][A-Za-z0-9._-]{0,62}"),
                    "the best backend",
                    "default-owner: azure-westeurope",
                    "receives requests for lists, and requests for ids that Crowfly has not recorded"),
            new Key(
                    "ttl",
                    new ValueType.Time("duration, up to 366d"),
                    "`30d`",
                    "ttl: 7d",
                    "how long an id is kept after its last use"),
            new Key("ids", IDS, "`1000000`", "ids: 200000", "how many ids are kept, at about 200 bytes each"),
            new Key(
                    "redis",
                    new ValueType.Mapping("state.redis"),
                    "none",
                    "redis: {url: \"redis://redis.contoso.example:6379\"}",
                    "a Redis or Valkey server through which instances share the ids"));

    public static final List<Key> REDIS = List.of(
            new Key(
                    "url",
                    new ValueType.Text("`redis://` or `rediss://` URL, a secret", "rediss?://.+"),
                    Key.REQUIRED,
                    "url: \"rediss://edge:${env:REDIS_PASSWORD}@redis.contoso.example:6379\"",
                    "the server. User and password are percent-encoded; a number after `/` selects a database"),
            new Key(
                    "timeout",
                    Types.DURATION,
                    "`50ms`",
                    "timeout: 20ms",
                    "limit for one Redis request. If Redis is slow or unavailable, requests continue with the "
                            + "ids that the instance itself has recorded"));

    private TopLevelKeys() {}
}
