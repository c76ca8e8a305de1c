/**
 * Owners of stored state: which backend stores a response, a file or a conversation, and which backend issued a secret.
 *
 * <p>Input: the ids and secrets that responses contain, and the conf. Output: the owner of an id or a secret. Each instance
 * has a bounded cache. A fleet shares owners through Redis; while Redis is unreachable, requests continue without it.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.affinity;
