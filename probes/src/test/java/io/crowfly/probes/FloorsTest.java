package io.crowfly.probes;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.crowfly.conf.Backend;
import org.junit.jupiter.api.Test;

/** The lower two floors are plain Java: conf stands on nothing of ours, probes on conf alone, neither knows Netty. */
class FloorsTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.crowfly.conf", "io.crowfly.probes");

    @Test
    void looksAtBothFloors() {
        assertThat(CLASSES.contain(Backend.class)).isTrue();
        assertThat(CLASSES.contain(Probes.class)).isTrue();
        assertThat(CLASSES.contain(FloorsTest.class)).isFalse();
    }

    @Test
    void confStandsOnNothingOfOurs() {
        floorDependsOnlyOn(
                "io.crowfly.conf..",
                "java..",
                "org.snakeyaml..",
                "com.fasterxml.jackson.core..",
                "org.jspecify..",
                "org.slf4j..");
    }

    @Test
    void probesStandsOnConfAlone() {
        floorDependsOnlyOn("io.crowfly.probes..", "io.crowfly.conf..", "java..", "org.jspecify..", "org.slf4j..");
    }

    private static void floorDependsOnlyOn(String floor, String... others) {
        String[] allowed = new String[others.length + 1];
        allowed[0] = floor;
        System.arraycopy(others, 0, allowed, 1, others.length);
        classes()
                .that()
                .resideInAPackage(floor)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed)
                .allowEmptyShould(false)
                .check(CLASSES);
    }
}
