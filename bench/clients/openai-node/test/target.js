// The addresses for the tests: TARGET names a file such as ../../backends.json with the addresses filled in. Each backend
// has statistics of received requests at /_seen. So a test can check which backend received its request, and in which form.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import OpenAI, {AzureOpenAI} from 'openai';

assert.ok(process.env.TARGET, 'TARGET is not set');
export const target = JSON.parse(readFileSync(process.env.TARGET, 'utf8'));
export const {backends} = target;

export const openai = (options = {}) =>
  new OpenAI({baseURL: target.baseURL, apiKey: target.apiKey, maxRetries: 0, ...options});
export const azure = (options = {}) => new AzureOpenAI({
  endpoint: target.azureEndpoint, apiKey: target.apiKey, apiVersion: '2024-10-21', maxRetries: 0, ...options,
});

/** Both classes of the client, with default settings. */
export const clients = [['OpenAI', openai()], ['AzureOpenAI', azure()]];

/** Returns the backends that serve this API, with the client's name and the backend's name for the model. */
export const serving = (api) => backends.filter((backend) => backend.models[api])
  .map((backend) => ({backend, ...backend.models[api]}));

export const statistics = async (backend) => (await fetch(`${backend.url}/_seen`)).json();

export async function setBehaviour(backend, change) {
  const response = await fetch(`${backend.url}/_script`, {method: 'POST', body: JSON.stringify(change)});
  assert.equal(response.status, 200, await response.text());
}

const more = (after, before, name) => (after[name] ?? 0) - (before[name] ?? 0);

/**
 * Runs `call` and resolves to its result. Checks that only this backend received a request, exactly one, to `operation` below
 * its own path and with its own name for `model`.
 */
export async function reachesOnly(backend, {operation, model, of = 'deployment'}, call) {
  const before = await Promise.all(backends.map(statistics));
  const result = await call();
  const after = await Promise.all(backends.map(statistics));
  const path = backend.paths[of].replace('{model}', model).replace('{operation}', operation);
  backends.forEach((each, i) => {
    const isExpected = each === backend;
    assert.deepEqual(after[i].refusals, before[i].refusals, `${each.name} refused a request`);
    const paths = Object.keys(after[i].requests)
      .filter((name) => name !== '/health' && more(after[i].requests, before[i].requests, name) > 0);
    assert.deepEqual(paths, isExpected ? [path] : [], `requests to ${each.name}`);
    if (isExpected) {
      assert.equal(more(after[i].requests, before[i].requests, path), 1, `requests to ${path}`);
    }
    if (isExpected && model) {
      assert.equal(more(after[i].models, before[i].models, model), 1, `requests for ${model}`);
    }
  });
  return result;
}

export async function until(description, condition, millis) {
  const end = Date.now() + millis;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `${description}: not within ${millis} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
