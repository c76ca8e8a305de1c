/** Types of single values in the conf file: patterns, quantities and secrets. Imports no other package of Crowfly. */
@org.jspecify.annotations.NullMarked
package io.crowfly.conf.value;
