// The list of models, from the conf alone: no request to a backend.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {NotFoundError} from 'openai';
import {backends, clients, statistics} from './target.js';

/** Returns each backend's paths of requests for its list of models. */
const modelRequests = async () => (await Promise.all(backends.map(statistics)))
  .map(({requests}) => Object.keys(requests).filter((path) => path.endsWith('/models')));

for (const [name, client] of clients) {
  test(`${name}: the models are those that clients may request`, async () => {
    const before = await modelRequests();
    const ids = [];
    for await (const model of client.models.list()) {
      ids.push(model.id);
    }
    for (const {models} of backends) {
      for (const {clientModel, backendModel} of Object.values(models)) {
        // A model that is only a prefix in the conf can't be listed.
        assert.ok(ids.includes(clientModel) || clientModel.startsWith('gpt-4.1'), `${clientModel} is not in ${ids}`);
        assert.ok(clientModel === backendModel || !ids.includes(backendModel), `${backendModel} is in ${ids}`);
      }
    }
    assert.equal((await client.models.retrieve('gpt-4o')).id, 'gpt-4o');
    const error = await client.models.retrieve('gpt-nope').catch((e) => e);
    assert.ok(error instanceof NotFoundError, String(error));
    assert.deepEqual(await modelRequests(), before);
  });
}
