package io.crowfly.balancer.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatePathTest {

    /**
     * Method, path, ids in the path, and effect: lists, creates, creates if {@code store} is enabled, or none of these.
     */
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            POST   | /v1/chat/completions                            | -           | if stored
            GET    | /v1/chat/completions                            | -           | lists
            GET    | /v1/chat/completions/chatcmpl-1                 | chatcmpl-1  | -
            POST   | /v1/chat/completions/chatcmpl-1                 | chatcmpl-1  | -
            GET    | /v1/chat/completions/chatcmpl-1/messages        | chatcmpl-1  | -
            POST   | /v1/responses                                   | -           | creates
            GET    | /v1/responses                                   | -           | -
            GET    | /v1/responses/resp_1                            | resp_1      | -
            DELETE | /v1/responses/resp_1                            | resp_1      | -
            POST   | /v1/responses/resp_1/cancel                     | resp_1      | -
            GET    | /v1/responses/resp_1/input_items                | resp_1      | -
            POST   | /v1/responses/compact                           | -           | creates
            POST   | /v1/responses/input_tokens                      | -           | -
            POST   | /v1/conversations                               | -           | creates
            POST   | /v1/conversations/conv_1                        | conv_1      | -
            POST   | /v1/conversations/conv_1/items                  | conv_1      | creates
            GET    | /v1/conversations/conv_1/items                  | conv_1      | -
            GET    | /v1/conversations/conv_1/items/msg_1            | conv_1 msg_1 | -
            POST   | /v1/files                                       | -           | creates
            GET    | /v1/files                                       | -           | lists
            HEAD   | /v1/files                                       | -           | lists
            GET    | /v1/files/                                      | -           | lists
            DELETE | /v1/files                                       | -           | -
            GET    | /v1/files/file-1                                | file-1      | -
            GET    | /v1/files/file-1/content                        | file-1      | -
            POST   | /v1/uploads                                     | -           | creates
            POST   | /v1/uploads/upload_1/parts                      | upload_1    | creates
            POST   | /v1/uploads/upload_1/complete                   | upload_1    | creates
            POST   | /v1/uploads/upload_1/cancel                     | upload_1    | -
            POST   | /v1/batches                                     | -           | creates
            GET    | /v1/batches                                     | -           | lists
            POST   | /v1/batches/batch_1/cancel                      | batch_1     | -
            GET    | /v1/vector_stores                               | -           | lists
            POST   | /v1/vector_stores/vs_1/search                   | vs_1        | -
            POST   | /v1/vector_stores/vs_1/files                    | vs_1        | creates
            GET    | /v1/vector_stores/vs_1/files/file-1/content     | vs_1 file-1 | -
            POST   | /v1/vector_stores/vs_1/file_batches/vsfb_1/cancel | vs_1 vsfb_1 | -
            GET    | /v1/vector_stores/vs_1/file_batches/vsfb_1/files | vs_1 vsfb_1 | -
            POST   | /v1/containers                                  | -           | creates
            GET    | /v1/containers/cntr_1/files/cfile_1/content     | cntr_1 cfile_1 | -
            POST   | /v1/fine_tuning/jobs                            | -           | creates
            GET    | /v1/fine_tuning/jobs                            | -           | lists
            GET    | /v1/fine_tuning/jobs/ftjob-1/events             | ftjob-1     | -
            POST   | /v1/fine_tuning/jobs/ftjob-1/pause              | ftjob-1     | -
            POST   | /v1/fine_tuning/alpha/graders/run               | -           | -
            GET    | /v1/assistants                                  | -           | lists
            GET    | /v1/assistants/asst_1                           | asst_1      | -
            POST   | /v1/threads                                     | -           | creates
            POST   | /v1/threads/runs                                | -           | creates
            GET    | /v1/threads/thread_1/messages/msg_1             | thread_1 msg_1 | -
            POST   | /v1/threads/thread_1/runs                       | thread_1    | creates
            POST   | /v1/threads/thread_1/runs/run_1/submit_tool_outputs | thread_1 run_1 | -
            GET    | /v1/threads/thread_1/runs/run_1/steps/step_1    | thread_1 run_1 step_1 | -
            POST   | /v1/videos                                      | -           | creates
            GET    | /v1/videos                                      | -           | lists
            GET    | /v1/videos/video_1/content                      | video_1     | -
            POST   | /v1/videos/video_1/remix                        | video_1     | creates
            POST   | /v1/videos/edits                                | -           | creates
            POST   | /v1/videos/characters                           | -           | creates
            GET    | /v1/videos/characters/char_1                    | char_1      | -
            POST   | /v1/skills                                      | -           | creates
            POST   | /v1/skills/skill_1/versions                     | skill_1     | creates
            GET    | /v1/skills/skill_1/versions/2/content           | skill_1     | -
            POST   | /v1/evals/eval_1/runs/run_1                     | eval_1 run_1 | -
            POST   | /v1/realtime/client_secrets                     | -           | creates
            POST   | /v1/realtime/calls/rtc_1/hangup                 | rtc_1       | -
            GET    | /v1/realtime                                    | -           | -
            POST   | /v1/completions                                 | -           | -
            POST   | /v1/embeddings                                  | -           | -
            POST   | /v1/images/edits                                | -           | -
            POST   | /v1/audio/transcriptions                        | -           | -
            GET    | /v1/models                                      | -           | -
            GET    | /v1/models/files                                | -           | -
            GET    | /v1//files                                      | -           | -
            GET    | /v1/filesystem/file-1                           | -           | -
            GET    | /v1                                             | -           | -
            GET    | /v1/                                            | -           | -
            GET    | /                                               | -           | -
            GET    | /files/file-1                                   | -           | -
            """)
    void derivesIdsAndEffectFromMethodAndPath(String method, String path, String ids, String effect) {
        StatePath state = StatePath.of(HttpMethod.valueOf(method), path);

        assertThat(state.ids()).isEqualTo(ids == null ? List.of() : List.of(ids.split(" ")));
        assertThat(state.lists()).isEqualTo("lists".equals(effect));
        assertThat(state.creates(false)).isEqualTo("creates".equals(effect));
        assertThat(state.creates(true)).isEqualTo("creates".equals(effect) || "if stored".equals(effect));
        assertThat(state.concernsState(false))
                .isEqualTo(ids != null || "creates".equals(effect) || "lists".equals(effect));
        assertThat(state.concernsState(true)).isEqualTo(ids != null || effect != null);
    }

    @Test
    void readsNoMoreIdsFromAPathThanThePathsOfTheApiHave() {
        StatePath state = StatePath.of(HttpMethod.GET, "/v1/files" + "/a".repeat(10_000));

        assertThat(state.ids()).containsExactly("a", "a", "a");
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /v1/realtime/client_secrets, true",
        "POST, /v1/realtime/sessions, true",
        "POST, /v1/realtime/transcription_sessions, true",
        "GET, /v1/realtime/client_secrets, false",
        "POST, /v1/realtime/client_secrets/x, false",
        "POST, /v1/realtime/calls, false",
        "POST, /v1/responses, false"
    })
    void detectsWhichResponsesContainASecret(String method, String path, boolean returnsSecret) {
        assertThat(StatePath.of(HttpMethod.valueOf(method), path).returnsSecret())
                .isEqualTo(returnsSecret);
    }

    @Test
    void isTheSameObjectForEveryChat() {
        assertThat(StatePath.of(HttpMethod.POST, "/v1/chat/completions"))
                .isSameAs(StatePath.of(HttpMethod.POST, "/v1/chat/completions"));
    }
}
