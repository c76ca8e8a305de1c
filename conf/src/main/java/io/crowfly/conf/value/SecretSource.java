package io.crowfly.conf.value;

/** Source of a secret in the conf: the value itself, or a separate file that holds it. */
public sealed interface SecretSource permits Secret, SecretFile {}
