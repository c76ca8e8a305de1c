package io.crowfly.balancer;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;

/** Keeps the balancer's rooms apart as the design draws them, and the floors below free of what they must not know. */
@AnalyzeClasses(packages = "io.crowfly", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String BALANCER = "io.crowfly.balancer";

    /** What RFC 9110 says of every HTTP, as far as Netty has it in the package of its HTTP/1.1 codec. */
    private static final Set<String> SEMANTICS = Set.of(
            "HttpHeaders",
            "HttpMethod",
            "HttpHeaderNames",
            "HttpHeaderValues",
            "EmptyHttpHeaders",
            "DefaultHttpHeadersFactory",
            "HttpHeadersFactory");

    private static final DescribedPredicate<JavaClass> WIRE_FORMAT = resideInAPackage("io.netty.handler.codec..")
            .and(DescribedPredicate.describe("beyond HTTP's semantics", c -> !SEMANTICS.contains(c.getSimpleName())));

    private static String room(String name) {
        return BALANCER + '.' + name + "..";
    }

    @ArchTest
    static final ArchRule lowerFloorsAndRoutingArePlainJava = noClasses()
            .that(resideInAnyPackage("io.crowfly.conf..", "io.crowfly.probes..", room("routing")))
            .should()
            .dependOnClassesThat(resideInAPackage("io.netty.."));

    @ArchTest
    static final ArchRule confKnowsNoOtherFloor = noClasses()
            .that(resideInAPackage("io.crowfly.conf.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.crowfly.probes..", BALANCER + ".."));

    @ArchTest
    static final ArchRule probesKnowOnlyConf = noClasses()
            .that(resideInAPackage("io.crowfly.probes.."))
            .should()
            .dependOnClassesThat(resideInAPackage(BALANCER + ".."));

    @ArchTest
    static final ArchRule exchangeKnowsNoWireFormat =
            noClasses().that(resideInAPackage(room("exchange"))).should().dependOnClassesThat(WIRE_FORMAT);

    @ArchTest
    static final ArchRule exchangeKnowsNeitherEnd = noClasses()
            .that(resideInAPackage(room("exchange")))
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    room("listener"), room("upstream"), room("prober"), room("admin"), room("metrics")));

    @ArchTest
    static final ArchRule listenerKnowsNoBackend = noClasses()
            .that(resideInAPackage(room("listener")))
            .should()
            .dependOnClassesThat(
                    resideInAnyPackage(room("upstream"), room("routing"), room("provider"), room("prober")));

    @ArchTest
    static final ArchRule upstreamKnowsNoListener = noClasses()
            .that(resideInAPackage(room("upstream")))
            .should()
            .dependOnClassesThat(resideInAnyPackage(room("listener"), room("admin"), room("metrics")));

    @ArchTest
    static final ArchRule contentAndProviderKnowNobody = noClasses()
            .that(resideInAnyPackage(room("content"), room("provider")))
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    room("listener"), room("exchange"), room("upstream"), room("routing"), room("prober")));

    @ArchTest
    static final ArchRule roomsHaveNoCycles =
            slices().matching(BALANCER + ".(*)..").should().beFreeOfCycles();
}
