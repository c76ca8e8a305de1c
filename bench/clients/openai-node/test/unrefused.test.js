// Runs last: in all other tests, no backend has refused a path, a credential, a header or a model. Otherwise a request that
// was refused by one backend and succeeded at another would be hidden.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {backends, statistics} from './target.js';

for (const backend of backends) {
  test(`${backend.name} has refused only requests for objects that it does not have`, async () => {
    const {refusals, finished} = await statistics(backend);
    assert.deepEqual(Object.keys(refusals).filter((reason) => !/not found here: |not found\.$/.test(reason)), []);
    assert.ok(finished > 0, 'no request received');
  });
}
