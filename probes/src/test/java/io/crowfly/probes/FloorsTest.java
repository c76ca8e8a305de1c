package io.crowfly.probes;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.crowfly.conf.Backend;
import org.junit.jupiter.api.Test;

/** Dependencies of the two lower modules: conf depends on no other module, probes only on conf, neither on Netty. */
class FloorsTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.crowfly.conf", "io.crowfly.probes");

    @Test
    void importsTheClassesOfBothModules() {
        assertThat(CLASSES.contain(Backend.class)).isTrue();
        assertThat(CLASSES.contain(Probes.class)).isTrue();
        assertThat(CLASSES.contain(FloorsTest.class)).isFalse();
    }

    @Test
    void confDependsOnNoOtherModule() {
        packageDependsOnlyOn(
                "io.crowfly.conf..",
                "java..",
                "javax.security..",
                "org.snakeyaml..",
                "com.fasterxml.jackson.core..",
                "org.jspecify..",
                "org.slf4j..");
    }

    @Test
    void probesDependsOnlyOnConf() {
        packageDependsOnlyOn("io.crowfly.probes..", "io.crowfly.conf..", "java..", "org.jspecify..", "org.slf4j..");
    }

    @Test
    void forecastDependsOnNoOtherPackageOfProbesButState() {
        packageDependsOnlyOn("io.crowfly.probes.forecast..", "io.crowfly.probes.state..", "java..", "org.jspecify..");
    }

    private static void packageDependsOnlyOn(String root, String... others) {
        String[] allowed = new String[others.length + 1];
        allowed[0] = root;
        System.arraycopy(others, 0, allowed, 1, others.length);
        classes()
                .that()
                .resideInAPackage(root)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed)
                .allowEmptyShould(false)
                .check(CLASSES);
    }
}
