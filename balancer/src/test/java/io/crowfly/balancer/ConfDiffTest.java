package io.crowfly.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfDiffTest {

    private static List<String> changes(String before, String after) throws IOException {
        return ConfDiff.changes("{\"generation\": 3, \"conf\": " + before + "}", after);
    }

    @Test
    void namesChangedAddedAndRemovedKeysByTheirPaths() throws IOException {
        assertThat(changes(
                        "{\"region\": \"nl\", \"limits\": {\"a\": 1, \"b\": 2}, \"access-log\": \"stdout\"}",
                        "{\"region\": \"nl\", \"limits\": {\"a\": 5, \"b\": 2, \"c\": 3}}"))
                .containsExactly("~ limits.a: 1 -> 5", "+ limits.c: 3", "- access-log: stdout");
    }

    @Test
    void comparesItemsByTheirNamesWhateverTheirOrder() throws IOException {
        assertThat(changes(
                        "{\"backends\": [{\"name\": \"a\", \"tier\": 1}, {\"name\": \"b\", \"models\": [\"x\"]}]}",
                        "{\"backends\": [{\"name\": \"c\"}, {\"name\": \"a\", \"tier\": 2}]}"))
                .containsExactly("~ backends[a].tier: 1 -> 2", "- backends[b]", "+ backends[c]");
    }

    @Test
    void reportsAnotherOrderOfEqualItems() throws IOException {
        assertThat(changes(
                        "{\"rules\": [{\"name\": \"a\"}, {\"name\": \"b\"}]}",
                        "{\"rules\": [{\"name\": \"b\"}, {\"name\": \"a\"}]}"))
                .containsExactly("~ rules: [a, b] -> [b, a]");
    }

    @Test
    void reportsAnotherOrderBesideOtherChanges() throws IOException {
        assertThat(changes(
                        "{\"rules\": [{\"name\": \"a\", \"x\": 1}, {\"name\": \"b\"}, {\"name\": \"c\"}]}",
                        "{\"rules\": [{\"name\": \"b\"}, {\"name\": \"a\", \"x\": 2}]}"))
                .containsExactly("~ rules: [a, b] -> [b, a]", "~ rules[a].x: 1 -> 2", "- rules[c]");
    }

    @Test
    void showsTheValueOfAnAddedSection() throws IOException {
        assertThat(changes("{\"routing\": {\"x\": 1}}", "{\"routing\": {\"x\": 1, \"hedge\": {\"budget\": \"5%\"}}}"))
                .containsExactly("+ routing.hedge: {budget=5%}");
    }

    @Test
    void showsListsOfTextsAsAWhole() throws IOException {
        assertThat(changes("{\"hosts\": [\"a\"]}", "{\"hosts\": [\"a\", \"b\"]}"))
                .containsExactly("~ hosts: [a] -> [a, b]");
        assertThat(changes("{\"hosts\": []}", "{\"hosts\": []}")).isEmpty();
    }

    @Test
    void aPageOfAnotherServerIsAnError() {
        assertThatThrownBy(() -> ConfDiff.changes("{}", "{}"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is this the admin address of Crowfly?");
        assertThatThrownBy(() -> ConfDiff.changes("<html>", "{}")).isInstanceOf(IOException.class);
    }
}
