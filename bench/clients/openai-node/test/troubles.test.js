// Errors become the client's own classes whichever cloud made them, and what can be retried is. After the others: for a
// while Crowfly avoids a backend that failed so often.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import OpenAI from 'openai';
import {backends, clients, openai, script, seen, serving, until} from './target.js';

const messages = [{role: 'user', content: 'hi'}];
const CLASSES = {
  400: OpenAI.BadRequestError,
  403: OpenAI.PermissionDeniedError,
  409: OpenAI.ConflictError,
  422: OpenAI.UnprocessableEntityError,
  429: OpenAI.RateLimitError,
  500: OpenAI.InternalServerError,
};

const requests = async (backend) =>
  Object.values((await seen(backend)).models).reduce((sum, count) => sum + count, 0);

for (const [name, client] of clients) {
  for (const backend of backends) {
    for (const [status, kind] of Object.entries(CLASSES)) {
      for (const stream of [false, true]) {
        test(`${name}, ${backend.name}: a ${status} to a ${stream ? 'stream' : 'request'} is a ${kind.name}`, async () => {
          const error = await client.chat.completions.create({model: `${backend.name}-${status}`, messages, stream})
            .catch((e) => e);
          assert.ok(error instanceof kind, String(error));
          assert.equal(error.status, Number(status));
          assert.equal(typeof error.error?.message, 'string', 'its body was not understood');
          assert.ok(error.requestID, 'no x-request-id');
        });
      }
    }
  }

  test(`${name}: a model that nobody serves is a NotFoundError`, async () => {
    const error = await client.chat.completions.create({model: 'gpt-nope', messages}).catch((e) => e);
    assert.ok(error instanceof OpenAI.NotFoundError, String(error));
    assert.equal(error.code, 'model_not_found');
  });
}

for (const {backend, asked} of serving('chat')) {
  test(`${backend.name}: what fails once is retried`, async () => {
    await script(backend, {'fail-next': 1, 'fail-status': 500});
    const answer = await openai({maxRetries: 2}).chat.completions.create({model: asked, messages});
    assert.match(answer.choices[0].message.content, /^Oslo/);
  });

  test(`${backend.name}: a client that has waited long enough leaves, upstream too`, async () => {
    const before = (await seen(backend)).cancelled;
    const error = await openai({timeout: 300}).chat.completions.create({model: `${backend.name}-slow`, messages})
      .catch((e) => e);
    assert.ok(error instanceof OpenAI.APIConnectionTimeoutError, String(error));
    await until('the cancel', async () => (await seen(backend)).cancelled > before, 5000);
  });

  test(`${backend.name}: what fails for good is not asked for ever`, async () => {
    const before = await requests(backend);
    await assert.rejects(openai({maxRetries: 1}).chat.completions.create({model: `${backend.name}-500`, messages}));
    const count = await requests(backend) - before;
    assert.ok(count >= 1 && count <= 6, `${count} requests`); // The client's two, each three times at most.
  });
}
