/**
 * The immutable records of the conf file. {@link io.crowfly.conf.Conf} is the root: every value is checked and every
 * default is filled in. A {@link io.crowfly.conf.Problem} is one mistake in a conf file, with line and column.
 *
 * <p>The packages below hold the rest of this floor. Imports go only from left to right: {@code read}, {@code
 * read.backend}, {@code read.field}, {@code file} and this package, {@code value}. ({@code file} and this package do
 * not import each other.)
 *
 * <p>Plain Java without Netty: the floors above import this one, and this one imports none of them.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.conf;
