// What the tests run against: TARGET names a file such as ../../backends.json, filled in. Each backend tells at /_seen
// what it received, which is how a test knows that its request came out where it should, and as it should.

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

/** Both classes of the client, as their users make them. */
export const clients = [['OpenAI', openai()], ['AzureOpenAI', azure()]];

/** The backends that do this, with the name to ask for and the name that must arrive. */
export const serving = (what) => backends.filter((backend) => backend.models[what])
  .map((backend) => ({backend, ...backend.models[what]}));

export const seen = async (backend) => (await fetch(`${backend.url}/_seen`)).json();

export async function script(backend, change) {
  const answer = await fetch(`${backend.url}/_script`, {method: 'POST', body: JSON.stringify(change)});
  assert.equal(answer.status, 200, await answer.text());
}

const more = (after, before, name) => (after[name] ?? 0) - (before[name] ?? 0);

/**
 * Runs `call`, and checks that this backend and no other got one request by it, to `operation` in its own manner of
 * paths, for `model` by its own name. Resolves to what the call does.
 */
export async function arrivesAt(backend, {operation, model, of = 'deployment'}, call) {
  const before = await Promise.all(backends.map(seen));
  const result = await call();
  const after = await Promise.all(backends.map(seen));
  const path = backend.paths[of].replace('{model}', model).replace('{operation}', operation);
  backends.forEach((each, i) => {
    const mine = each === backend;
    assert.deepEqual(after[i].refusals, before[i].refusals, `${each.name} refused something`);
    const paths = Object.keys(after[i].requests)
      .filter((name) => name !== '/health' && more(after[i].requests, before[i].requests, name) > 0);
    assert.deepEqual(paths, mine ? [path] : [], `requests to ${each.name}`);
    if (mine) {
      assert.equal(more(after[i].requests, before[i].requests, path), 1, `requests to ${path}`);
    }
    if (mine && model) {
      assert.equal(more(after[i].models, before[i].models, model), 1, `requests for ${model}`);
    }
  });
  return result;
}

export async function until(what, condition, millis) {
  const end = Date.now() + millis;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `${what}: not within ${millis} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
