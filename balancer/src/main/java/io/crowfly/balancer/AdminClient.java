package io.crowfly.balancer;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** Client of the admin server of a running instance, for commands. */
final class AdminClient {

    static final String DEFAULT_ADDRESS = "127.0.0.1:9901";
    private static final int MAX_PORT = 65_535;
    private static final Path NO_FILE = Path.of("");

    /** Result of {@link URI#getPort} for a URI without a port. */
    private static final int NO_PORT = -1;

    /** A file and not the token itself, because every user of the machine can read the command lines of processes. */
    private static final String TOKEN_FILE = "--token-file";

    private static final String AUTHORIZATION = "authorization";

    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    private final String base;
    private final Optional<String> authorization;

    private AdminClient(String base, Optional<String> authorization) {
        this.base = base;
        this.authorization = authorization;
    }

    /** Returns the parameter for the admin's address. */
    static PositionalParamSpec address(String index) {
        return PositionalParamSpec.builder()
                .index(index)
                .arity("0..1")
                .paramLabel("ADMIN")
                .type(String.class)
                .description("The instance's admin address; " + DEFAULT_ADDRESS + " if not given.")
                .build();
    }

    /** Returns the option for the file with the admin's token. */
    static OptionSpec tokenFile() {
        return OptionSpec.builder(TOKEN_FILE)
                .paramLabel("FILE")
                .type(Path.class)
                .description("The file with the instance's `admin.token`, if its conf sets one.")
                .build();
    }

    /**
     * Returns the client for the arguments of a command.
     *
     * @param index of the parameter with the admin's address
     */
    static AdminClient of(ParseResult result, int index) throws IOException {
        return of(result, result.matchedPositionalValue(index, DEFAULT_ADDRESS));
    }

    /** Returns the client for the admin's address, with the token of the command line. */
    static AdminClient of(ParseResult result, String address) throws IOException {
        String base = base(address)
                .orElseThrow(() -> new CommandLine.ParameterException(
                        result.commandSpec().commandLine(),
                        "`" + address + "` is not an admin address; write host:port, " + DEFAULT_ADDRESS
                                + " for example"));
        return new AdminClient(base, authorization(result.matchedOptionValue(TOKEN_FILE, NO_FILE)));
    }

    /**
     * Returns the URL of the admin. The address must be host and port, or an HTTP URL, whose port may be the default
     * one. Otherwise the result is empty.
     */
    private static Optional<String> base(String address) {
        try {
            boolean hasScheme = address.contains("://");
            String base = (hasScheme ? address : "http://" + address).replaceFirst("/$", "");
            URI uri = new URI(base);
            boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            boolean validPort = uri.getPort() == NO_PORT ? hasScheme : uri.getPort() > 0 && uri.getPort() <= MAX_PORT;
            return isHttp && validPort && uri.getHost() != null ? Optional.of(base) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /** @param tokenFile empty if the admin needs no token */
    private static Optional<String> authorization(Path tokenFile) throws IOException {
        if (tokenFile.equals(NO_FILE)) {
            return Optional.empty();
        }
        try {
            String authorization = "Bearer " + Files.readString(tokenFile).trim();
            HttpRequest.newBuilder().header(AUTHORIZATION, authorization);
            return Optional.of(authorization);
        } catch (IllegalArgumentException e) {
            // The message of the exception shows the secret.
            throw new IOException("the token file " + tokenFile + " must contain one line of text");
        } catch (IOException e) {
            throw new IOException("cannot read the token file " + tokenFile, e);
        }
    }

    /**
     * Returns the body of a page.
     *
     * @param target path, and query if there is one, encoded
     * @throws IOException if the instance is unreachable, or the response is an error
     */
    String get(String target) throws IOException, InterruptedException {
        return send("GET", target);
    }

    /** Sends a request without a body, and returns the body of the response; see {@link #get}. */
    String post(String target) throws IOException, InterruptedException {
        return send("POST", target);
    }

    private String send(String method, String target) throws IOException, InterruptedException {
        URI uri = URI.create(base + target);
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri).timeout(TIMEOUT).method(method, HttpRequest.BodyPublishers.noBody());
        authorization.ifPresent(value -> request.header(AUTHORIZATION, value));
        HttpResponse<String> response;
        try {
            response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IOException(
                    "no response from " + uri
                            + "; check that an instance runs there, and that this is its `admin.bind`",
                    e);
        }
        return switch (response.statusCode()) {
            case 200, 202 -> response.body();
            case 401 ->
                throw new IOException(
                        uri + " responds 401; give the file with its `admin.token`: " + TOKEN_FILE + " FILE");
            case 403 ->
                throw new IOException(uri + " responds 403; use its IP address, or add this name to its `admin.hosts`");
            default -> throw new IOException(uri + " responds " + response.statusCode());
        };
    }

    /** Returns the port of the admin; -1 if the address is a URL without one. */
    int port() {
        return URI.create(base).getPort();
    }

    /** Returns the address of the admin. */
    @Override
    public String toString() {
        return base;
    }
}
