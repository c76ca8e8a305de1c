package io.crowfly.bench.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.stream.Stream;

/** Programs that Crowfly is compared with. A test that needs them is skipped where they are not installed. */
public final class OtherPrograms {

    private OtherPrograms() {}

    /** Skips the test with one line of explanation unless all the programs are installed. */
    public static void assumeInstalled(String... names) {
        List<String> missing = Programs.installed().missing(Stream.of(names));
        assumeTrue(missing.isEmpty(), () -> String.join("; ", missing));
    }
}
