/**
 * The immutable records of the conf file. {@link io.crowfly.conf.Conf} is the root: every value is checked and every
 * default is filled in. A {@link io.crowfly.conf.Problem} is one mistake in a conf file, with line and column.
 *
 * <p>The other packages of this module read, explain and watch the conf file. Imports go only from left to right:
 * {@code read} and {@code explain}, {@code read.backend}, {@code read.field}, {@code key} and {@code file}, this
 * package, {@code value}. ({@code file} and this package do not import each other.)
 *
 * <p>Plain Java without Netty. This module imports none of the other modules.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.conf;
