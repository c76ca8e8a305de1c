package io.crowfly.balancer;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks the imports between modules and between the packages of the balancer against the design. */
@AnalyzeClasses(packages = "io.crowfly", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String BALANCER = "io.crowfly.balancer";

    private static final List<String> MODULES = List.of("conf", "probes", "balancer", "bench");

    /** What a reader can still take in at a glance. */
    private static final long MAX_FILES = 30;

    private static final String[] EXCHANGE_AND_BELOW = {
        packageOf("exchange"), packageOf("attempt"), packageOf("message")
    };

    /** Types for the semantics that all HTTP versions share (RFC 9110); Netty keeps them beside its HTTP/1.1 codec. */
    private static final Set<String> SEMANTICS = Set.of(
            "HttpHeaders",
            "HttpMethod",
            "HttpHeaderNames",
            "HttpHeaderValues",
            "EmptyHttpHeaders",
            "DefaultHttpHeadersFactory",
            "HttpHeadersFactory");

    private static final DescribedPredicate<JavaClass> WIRE_FORMAT = resideInAPackage("io.netty.handler.codec..")
            .and(DescribedPredicate.describe(
                    "beyond the semantics of HTTP", c -> !SEMANTICS.contains(c.getSimpleName())));

    private static String packageOf(String name) {
        return BALANCER + '.' + name + "..";
    }

    @ArchTest
    static final ArchRule lowerFloorsAndRoutingArePlainJava = noClasses()
            .that(resideInAnyPackage("io.crowfly.conf..", "io.crowfly.probes..", packageOf("routing")))
            .should()
            .dependOnClassesThat(resideInAPackage("io.netty.."));

    @ArchTest
    static final ArchRule confImportsNoOtherModule = noClasses()
            .that(resideInAPackage("io.crowfly.conf.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.crowfly.probes..", BALANCER + ".."));

    @ArchTest
    static final ArchRule probesImportsOnlyConf = noClasses()
            .that(resideInAPackage("io.crowfly.probes.."))
            .should()
            .dependOnClassesThat(resideInAPackage(BALANCER + ".."));

    @ArchTest
    static final ArchRule exchangesKeepOffTheWireFormat =
            noClasses().that(resideInAnyPackage(EXCHANGE_AND_BELOW)).should().dependOnClassesThat(WIRE_FORMAT);

    @ArchTest
    static final ArchRule exchangesImportNeitherEnd = noClasses()
            .that(resideInAnyPackage(EXCHANGE_AND_BELOW))
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    packageOf("listener"),
                    packageOf("upstream"),
                    packageOf("prober"),
                    packageOf("admin"),
                    packageOf("metrics")));

    @ArchTest
    static final ArchRule attemptsDoNotImportTheExchange = noClasses()
            .that(resideInAnyPackage(packageOf("attempt"), packageOf("message")))
            .should()
            .dependOnClassesThat(resideInAPackage(packageOf("exchange")));

    @ArchTest
    static final ArchRule messagesDoNotImportAttempts = noClasses()
            .that(resideInAPackage(packageOf("message")))
            .should()
            .dependOnClassesThat(resideInAPackage(packageOf("attempt")));

    @ArchTest
    static final ArchRule listenerImportsNothingAboutBackends = noClasses()
            .that(resideInAPackage(packageOf("listener")))
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    packageOf("upstream"), packageOf("routing"), packageOf("provider"), packageOf("prober")));

    @ArchTest
    static final ArchRule upstreamImportsNothingAboutClients = noClasses()
            .that(resideInAPackage(packageOf("upstream")))
            .should()
            .dependOnClassesThat(resideInAnyPackage(packageOf("listener"), packageOf("admin"), packageOf("metrics")));

    @ArchTest
    static final ArchRule contentAndProviderImportNoStageOfAnExchange = noClasses()
            .that(resideInAnyPackage(packageOf("content"), packageOf("provider")))
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    packageOf("listener"),
                    packageOf("exchange"),
                    packageOf("attempt"),
                    packageOf("message"),
                    packageOf("upstream"),
                    packageOf("routing"),
                    packageOf("prober")));

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.crowfly.(**)").should().beFreeOfCycles();

    /** Counts files, not classes: the limit is for readers of a folder. Tests count apart from the code they test. */
    @Test
    void noPackageHasMoreThanThirtyFiles() {
        Path root = Path.of("").toAbsolutePath().getParent();
        Map<Path, Long> filesByFolder = MODULES.stream()
                .map(module -> root.resolve(module).resolve("src"))
                .flatMap(ArchitectureTest::walk)
                .filter(file -> file.toString().endsWith(".java"))
                .collect(Collectors.groupingBy(file -> root.relativize(file.getParent()), Collectors.counting()));
        assertThat(filesByFolder).hasSizeGreaterThan(MODULES.size());
        assertThat(filesByFolder.entrySet())
                .filteredOn(entry -> entry.getValue() > MAX_FILES)
                .isEmpty();
    }

    private static Stream<Path> walk(Path folder) {
        try {
            return Files.walk(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
