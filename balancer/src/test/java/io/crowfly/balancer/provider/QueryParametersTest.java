package io.crowfly.balancer.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.conf.Provider;
import io.crowfly.conf.Provider.Azure.Api;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parameters of a client's query that a backend of each provider receives. */
class QueryParametersTest {

    private static final Provider OPENAI = new Provider.OpenAi();
    private static final Provider AZURE = new Provider.Azure();
    private static final Provider DEPLOYMENTS = new Provider.Azure(Api.DEPLOYMENTS, Optional.of("2024-10-21"));
    private static final Provider GEMINI = new Provider.Gemini();

    private static String received(Provider provider, String query) {
        String target =
                TestDialects.dialect(provider, "https://a.test").target(ClientTarget.parse("/v1/batches?" + query), "");
        int mark = target.indexOf('?');
        return mark < 0 ? "" : target.substring(mark + 1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            nullValues = "-",
            value = {
                "api_key=S -",
                "token=S -",
                "limit=1;api-key=S limit=1",
                "api-key=S;limit=1 limit=1",
                "limit=1;after=2&subscription-key=S;order=3 limit=1;after=2;order=3",
                "API-Key=S&limit=2 limit=2",
                "limit=2&%61pi%2Dkey=S limit=2",
                "limit=2&ap%69%5fk%45y=S&after=x limit=2&after=x",
                "limit=2&to%256ben=S limit=2",
                "limit=2&k%FFey=S limit=2",
                "limit=2&k%zzey=S limit=2",
                "limit=2&a%00pi=S limit=2",
                "limit=2&%e2%84%aaey=S limit=2",
                "limit=2&%EF%BD%8Bey=S limit=2",
                "limit=2&+auth=S limit=2",
                "api_key[]=S&limit=2 limit=2",
                "x[api_key]=S&limit=2 limit=2",
                "access_token=S&Authorization=S&limit=2 limit=2",
                "X-Amz-Signature=S&X-Amz-Credential=S&limit=2 limit=2",
                "cookie=S&limit=2&client_secret=S&key=S limit=2",
                "limit=2&key limit=2",
                "token;limit=2 limit=2"
            })
    void noProviderReceivesACredential(String query, String expected) {
        String rest = expected == null ? "" : expected;
        for (Provider provider : List.of(OPENAI, AZURE, GEMINI)) {
            assertThat(received(provider, query)).as(provider.label()).isEqualTo(rest);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "limit=2&after=b_1&order=desc&before=b_2",
                "include[]=a.b&include[]=c&include%5B%5D=d&include%5b0%5d=e",
                "stream=true&starting_after=17&include_obfuscation=false",
                "purpose=batch&metadata[session_token]=b&model=m&name=c",
                "order_by=created_at&status=failed&run_id=r&filter=completed",
                "beta=true",
                "variant=thumbnail",
                "limit=2;after=b_1"
            })
    void everyProviderReceivesTheParametersOfOpenAisApi(String query) {
        assertThat(received(AZURE, query)).isEqualTo(query);
        assertThat(received(DEPLOYMENTS, query)).isEqualTo(query + "&api-version=2024-10-21");
        assertThat(received(GEMINI, query)).isEqualTo(query);
        assertThat(received(OPENAI, query)).isEqualTo(query);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"x=1", "deployment=other", "alt=media", "$alt=json", "callback=f", "$httpMethod=DELETE", "="})
    void aCloudReceivesNoParameterThatItsApiDoesNotKnow(String query) {
        assertThat(received(AZURE, query)).isEmpty();
        assertThat(received(GEMINI, query)).isEmpty();
        assertThat(received(OPENAI, query)).isEqualTo(query);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$filter=status+eq+'failed'&$orderby=created_at+asc&$top=2&$skip=1",
                "statuses=queued",
                "quality=high"
            })
    void azureReceivesItsOwnParameters(String query) {
        assertThat(received(AZURE, query)).isEqualTo(query);
        assertThat(received(GEMINI, query)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "max_tokens=5&max_completion_tokens=6&prompt_cache_key=a&page_token=b&api_key_ids[]=c",
                "metadata[session_token]=a&metadata%5Bkey%5D=b",
                "limit=2&&after=100%&x=;y&include[]=a.b;c=d&",
                "a%20b=1&c+d=2&monitor=3&Max_Tokens=4",
                ";&;"
            })
    void aPlainBackendReceivesAllOtherParametersUnchanged(String query) {
        assertThat(received(OPENAI, query)).isEqualTo(query);
    }
}
