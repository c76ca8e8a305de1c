package io.crowfly.conf.value;

/** Source of a secret: a value from the conf file, or a separate file. */
public sealed interface SecretSource permits Secret, SecretFile {}
