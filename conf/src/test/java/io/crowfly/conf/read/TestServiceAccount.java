package io.crowfly.conf.read;

/** Key file of a service account in Google's format, with a key made for the test. */
final class TestServiceAccount {

    static final String JSON = json("edge@contoso.iam.gserviceaccount.com", TestCertificates.RSA.key());

    private TestServiceAccount() {}

    static String json(String email, String privateKey) {
        return """
                {
                  "type": "service_account",
                  "project_id": "hidden",
                  "private_key_id": "hidden",
                  "private_key": "%s",
                  "client_email": "%s",
                  "token_uri": "https://oauth2.googleapis.com/token",
                  "universe": {"domain": ["googleapis.com"]}
                }
                """.formatted(privateKey.replace("\n", "\\n"), email);
    }
}
