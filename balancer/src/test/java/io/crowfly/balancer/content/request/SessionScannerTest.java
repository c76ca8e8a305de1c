package io.crowfly.balancer.content.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.content.json.Chunks;
import io.crowfly.balancer.content.request.BodyScanner.ModelValue;
import io.crowfly.balancer.content.request.BodyScanner.State;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that configure a realtime session, which contains the model. */
class SessionScannerTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, Integer.MAX_VALUE})
    void findsTheModelOfASessionIfItReadsSessions(int size) {
        String body =
                "{\"session\":{\"audio\":{\"input\":{\"model\":\"x\"}},\"model\":\"gpt-realtime\",\"tools\":[]},\"a\":{\"model\":\"y\"}}";

        RequestScanner scanner = scan(RequestScanner.readingSession(), body, size);

        assertThat(scanner.state()).isEqualTo(State.COMPLETE);
        assertThat(scanner.model()).contains("gpt-realtime");
        assertThat(scanner.duplicateModel()).isFalse();
        assertThat(body.substring((int) scanner.modelStart(), (int) scanner.modelEnd()))
                .isEqualTo("\"gpt-realtime\"");
        assertThat(scan(new RequestScanner(), body, size).modelValue()).isEqualTo(ModelValue.ABSENT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"session\":{\"model\":\"m\"},\"model\":\"n\"}",
                "{\"session\":{\"model\":\"m\",\"Model\":\"n\"}}",
                "{\"session\":{\"model\":\"m\"},\"session\":{\"model\":\"n\"}}"
            })
    void aSessionHasOneModel(String body) {
        assertThat(scan(RequestScanner.readingSession(), body, 3).duplicateModel())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"session\":[{\"model\":\"m\"}]}", "{\"session\":\"s\",\"a\":{\"model\":\"m\"}}"})
    void aSessionThatIsNoObjectHasNoModel(String body) {
        assertThat(scan(RequestScanner.readingSession(), body, 3).modelValue()).isEqualTo(ModelValue.ABSENT);
    }

    private static RequestScanner scan(RequestScanner scanner, String body, int size) {
        Chunks.feed(Chunks.utf8(body), new int[] {size}, scanner::scan);
        return scanner;
    }
}
