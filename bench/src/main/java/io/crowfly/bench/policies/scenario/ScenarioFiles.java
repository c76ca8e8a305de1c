package io.crowfly.bench.policies.scenario;

import java.io.IOException;
import java.util.List;

/** Source of the files that a scenario file names: its folder, or the resources of this build. */
@FunctionalInterface
interface ScenarioFiles {

    /** @param name name of the file, as in the scenario file */
    List<String> lines(String name) throws IOException;
}
