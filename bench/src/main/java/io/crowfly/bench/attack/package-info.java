/**
 * {@code crowfly bench attack}: hostile clients beside good ones. The good clients must hardly notice the attack, the
 * memory of the balancer must stay bounded, and the hostile connections must be closed.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.bench.attack;
