package io.crowfly.balancer.content.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.content.json.Chunks;
import io.crowfly.balancer.content.request.BodyScanner.ModelValue;
import io.crowfly.balancer.content.request.BodyScanner.State;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * Random forms with known content and many partial delimiters, cut at random. The property of {@link
 * RequestScannerFuzzTest} sets their number.
 */
class FormScannerFuzzTest {

    private static final int TRIES = Integer.getInteger("crowfly.fuzz.tries", 20_000);
    private static final int SEEDS = 40;

    private static final String[] BOUNDARIES = {"x", "----WebKitFormBoundary7MA4YWxkTrZu0gW", "--", "a-b--c"};
    private static final String[] NAMES = {"model", "stream", "file", "models", "mode"};
    private static final String NEW_NAME = "openai/weu";

    @Property(seed = "1", tries = SEEDS, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void findsTheKnownContent(@ForAll long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < TRIES / SEEDS; i++) {
            new Form(random).check();
        }
    }

    private static final class Form {

        private final Random random;
        private final String boundary;
        private final StringBuilder text = new StringBuilder();
        private final StringBuilder renamed = new StringBuilder();

        private String model;
        private int models;
        private String stream = "";

        Form(Random random) {
            this.random = random;
            this.boundary = any(BOUNDARIES);
            for (int parts = random.nextInt(5); parts > 0; parts--) {
                part(any(NAMES), content(), random.nextInt(3) == 0);
            }
            both("--" + boundary + "--");
            both(any("", "\r\n"));
        }

        private void part(String name, String content, boolean file) {
            both("--" + boundary + "\r\n");
            // With an encoding, parsers agree only on ASCII characters.
            String encoding = content.indexOf('é') < 0 ? "Content-Transfer-Encoding: binary\r\n" : "";
            both(any("", encoding, "Content-Type: text/plain\r\n"));
            boolean isFile = file && !name.equals("model");
            both("Content-Disposition: form-data; name=\"" + name + (isFile ? "\"; filename=\"f\"" : "\"")
                    + "\r\n\r\n");
            boolean first = name.equals("model") && models++ == 0;
            text.append(content);
            renamed.append(first && isName(content) ? NEW_NAME : content);
            if (first) {
                model = content;
            } else if (name.equals("stream") && !isFile) {
                stream = content;
            }
            both("\r\n");
        }

        private String content() {
            StringBuilder content = new StringBuilder();
            for (int pieces = random.nextInt(6); pieces > 0; pieces--) {
                content.append(any("\r\n", "\r", "\n", "--", "-", boundary, "gpt-4o", "true", "é", "\r\n-", "\r\n--"));
            }
            // For some parsers a delimiter may also be in the middle of a line, so such a form is refused. A line break
            // and hyphens follow, which must not complete one.
            String line = "--" + boundary;
            return (content + "\r\n" + line).indexOf(line) < content.length() ? "" : content.toString();
        }

        void check() {
            FormScanner scanner = new FormScanner("multipart/form-data; boundary=\"" + boundary + '"');
            byte[] body = Chunks.utf8(text.toString());
            int[] sizes = random.ints(3, 1, 2 + random.nextInt(50)).toArray();
            String description = Arrays.toString(sizes) + ' ' + text.toString().replace("\r", "\\r");

            Chunks.feed(body, sizes, scanner::scan);

            assertThat(scanner.state()).as(description).isEqualTo(State.COMPLETE);
            assertThat(scanner.duplicateModel()).as(description).isEqualTo(models > 1);
            assertThat(scanner.streamRequested()).as(description).isEqualTo(stream.equals("true"));
            if (model == null) {
                assertThat(scanner.modelValue()).as(description).isEqualTo(ModelValue.ABSENT);
                renamed.insert(
                        0,
                        "--%s\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n%s\r\n"
                                .formatted(boundary, NEW_NAME));
            } else if (model.isBlank() && isName(model)) {
                assertThat(scanner.modelValue()).as(description).isEqualTo(ModelValue.BLANK);
            } else if (isName(model)) {
                assertThat(scanner.model()).as(description).contains(model);
            } else {
                assertThat(scanner.modelValue()).as(description).isEqualTo(ModelValue.NOT_A_NAME);
                return;
            }
            assertThat(EditedBody.of(body, sizes, scanner.renameModel(NEW_NAME)).text())
                    .as(description)
                    .isEqualTo(renamed.toString());
        }

        private static boolean isName(String content) {
            return content.chars().noneMatch(Character::isISOControl);
        }

        private void both(String more) {
            text.append(more);
            renamed.append(more);
        }

        private String any(String... choices) {
            return choices[random.nextInt(choices.length)];
        }
    }
}
