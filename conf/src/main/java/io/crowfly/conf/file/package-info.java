/**
 * Files of the conf on disk. {@link io.crowfly.conf.file.ConfFiles} reads them within size limits and records their
 * state; {@link io.crowfly.conf.file.ConfWatcher} reports a later change of that state.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.conf.file;
