package io.crowfly.bench.endpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A token stream as a provider gives it: a {@link Fixture} whose body is a row of events, each under a comment line that
 * names it. The event named {@code token} is repeated for each token, if there is one; {@code usage} is only for requests
 * that ask for it; {@code early} comes ahead of the first token; the others come as they stand.
 */
final class StreamFixture {

    final Fixture head;
    final List<Event> before = new ArrayList<>();
    Optional<Template> token = Optional.empty();
    final List<Event> after = new ArrayList<>();

    record Event(String name, Template text) {}

    private StreamFixture(Fixture head) {
        this.head = head;
        for (String block : head.text.strip().split("\n\n")) {
            int line = block.indexOf('\n');
            String name = block.substring(1, line).strip();
            Template text = new Template(block.substring(line + 1) + "\n\n");
            if (name.equals("token")) {
                token = Optional.of(text);
            } else {
                boolean later = token.isPresent() || name.equals("usage");
                (later ? after : before).add(new Event(name, text));
            }
        }
    }

    static StreamFixture read(String name) {
        return new StreamFixture(Fixture.read(name));
    }
}
