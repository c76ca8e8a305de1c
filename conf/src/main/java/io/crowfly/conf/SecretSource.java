package io.crowfly.conf;

/** Where a secret comes from: it is in the conf file, or in a file of its own. */
public sealed interface SecretSource permits Secret, SecretFile {}
