package io.crowfly.balancer.testbed;

import io.crowfly.balancer.transport.Transport;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** Selects the transports on which a subclass of {@link Testbed} runs. Without this annotation: all that work here. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface TestedTransports {

    Selection value();

    /** Selection of transports. */
    enum Selection {
        ALL,

        /** The default of this machine, and NIO. For decisions that do not depend on how bytes are moved. */
        DEFAULT_AND_NIO,

        /** All but NIO, which cannot query the kernel for the state of a connection. */
        NATIVE,

        /** Only epoll. */
        EPOLL;

        private Stream<String> names() {
            List<String> available =
                    Transport.available().stream().map(Transport::name).toList();
            return available.stream().filter(name -> switch (this) {
                case ALL -> true;
                case DEFAULT_AND_NIO -> name.equals(available.get(0)) || name.equals("nio");
                case NATIVE -> !name.equals("nio");
                case EPOLL -> name.equals("epoll");
            });
        }
    }

    /** Provides the names of the selected transports. */
    final class Provider implements ArgumentsProvider {

        @Override
        public Stream<? extends Arguments> provideArguments(
                ParameterDeclarations parameters, ExtensionContext context) {
            return Optional.ofNullable(context.getRequiredTestClass().getAnnotation(TestedTransports.class))
                    .map(TestedTransports::value)
                    .orElse(Selection.ALL)
                    .names()
                    .map(Arguments::of);
        }
    }
}
