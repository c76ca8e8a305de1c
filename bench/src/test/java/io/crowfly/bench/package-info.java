@org.jspecify.annotations.NullMarked
package io.crowfly.bench;
