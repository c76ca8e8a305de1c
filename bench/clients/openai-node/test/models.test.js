// What there is, by the conf alone: no backend is asked.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {NotFoundError} from 'openai';
import {backends, clients, seen} from './target.js';

/** How often each backend was asked for its own. */
const asks = async () => (await Promise.all(backends.map(seen)))
  .map(({requests}) => Object.keys(requests).filter((path) => path.endsWith('/models')));

for (const [name, client] of clients) {
  test(`${name}: the models are those that clients may ask for`, async () => {
    const before = await asks();
    const ids = [];
    for await (const model of client.models.list()) {
      ids.push(model.id);
    }
    for (const {models} of backends) {
      for (const {asked, arrives} of Object.values(models)) {
        // One that stands in the conf by its beginning alone can't be told.
        assert.ok(ids.includes(asked) || asked.startsWith('gpt-4.1'), `${asked} is not in ${ids}`);
        assert.ok(asked === arrives || !ids.includes(arrives), `${arrives} is in ${ids}`);
      }
    }
    assert.equal((await client.models.retrieve('gpt-4o')).id, 'gpt-4o');
    const error = await client.models.retrieve('gpt-nope').catch((e) => e);
    assert.ok(error instanceof NotFoundError, String(error));
    assert.deepEqual(await asks(), before);
  });
}
