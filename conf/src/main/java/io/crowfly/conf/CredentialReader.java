package io.crowfly.conf;

import java.util.Optional;

/** {@code backends[].credential}. No problem told here ever quotes a value. */
final class CredentialReader {

    private CredentialReader() {}

    static Credential read(Field field, Optional<Provider> provider) {
        Fields fields = field.fields(Section.CREDENTIAL);
        Optional<Field> apiKey = fields.find("api-key");
        Optional<Field> bearer = fields.find("bearer");
        if (apiKey.isPresent() && bearer.isPresent()) {
            field.problem("both `api-key` and `bearer` are given", "keep the one that the endpoint asks for");
        } else if (field.isEmptyMapping()) {
            field.problem("`credential` is empty", "write {api-key: \"${env:NAME}\"} or {bearer: \"${env:NAME}\"}");
        }
        if (apiKey.isPresent() && provider.orElse(new Provider.OpenAi()) instanceof Provider.Google) {
            apiKey.get().keyProblem("Google takes no `api-key`", "use `bearer`");
        }
        Optional<Secret> key = apiKey.flatMap(CredentialReader::secret);
        Optional<Secret> token = bearer.flatMap(CredentialReader::secret);
        return key.<Credential>map(Credential.ApiKey::new)
                .or(() -> token.map(Credential.Bearer::new))
                .orElse(new Credential.None());
    }

    private static Optional<Secret> secret(Field field) {
        Optional<String> text = field.text();
        // It becomes a header's value: anything beyond visible ASCII would split it, or be refused by the endpoint.
        if (text.isPresent() && !text.get().chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            field.problem(
                    "`" + field.name() + "` holds a space or a character beyond ASCII, which a header can't carry",
                    "give the bare key or token, without quotes or `Bearer`");
            return Optional.empty();
        }
        return text.map(Secret::new);
    }
}
