// The last of them: over all that the other tests did, no backend has met a path, a credential, a header or a model that
// it doesn't take. A request that was refused and went well elsewhere would be hidden otherwise.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {backends, seen} from './target.js';

for (const backend of backends) {
  test(`${backend.name} has refused nothing but what it does not keep`, async () => {
    const {refusals, finished} = await seen(backend);
    assert.deepEqual(Object.keys(refusals).filter((why) => !/not here: |not found\.$/.test(why)), []);
    assert.ok(finished > 0, 'it has got no request');
  });
}
