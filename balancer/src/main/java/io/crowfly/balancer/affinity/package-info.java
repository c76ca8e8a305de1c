/**
 * Owners of stored state: which backend stores a response, a file or a conversation, and which backend issued a secret.
 *
 * <p>Input: the ids and secrets that responses contain, and the conf. Output: the owner of an id or a secret. Each
 * instance has a bounded cache. Several instances share owners through Redis; while Redis is unreachable, requests are
 * served without it.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.balancer.affinity;
