// Errors of every cloud become the client's error classes, and failed requests are retried where possible. Runs after the other
// tests, because Crowfly avoids a backend for a while after so many failures.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import OpenAI from 'openai';
import {backends, clients, openai, setBehaviour, statistics, serving, until} from './target.js';

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
  Object.values((await statistics(backend)).models).reduce((sum, count) => sum + count, 0);

for (const [name, client] of clients) {
  for (const backend of backends) {
    for (const [status, kind] of Object.entries(CLASSES)) {
      for (const stream of [false, true]) {
        test(`${name}, ${backend.name}: a ${status} to a ${stream ? 'stream' : 'request'} is a ${kind.name}`, async () => {
          const error = await client.chat.completions.create({model: `${backend.name}-${status}`, messages, stream})
            .catch((e) => e);
          assert.ok(error instanceof kind, String(error));
          assert.equal(error.status, Number(status));
          assert.equal(typeof error.error?.message, 'string', 'the error has no message');
          assert.ok(error.requestID, 'no x-request-id');
        });
      }
    }
  }

  test(`${name}: an unknown model is a NotFoundError`, async () => {
    const error = await client.chat.completions.create({model: 'gpt-nope', messages}).catch((e) => e);
    assert.ok(error instanceof OpenAI.NotFoundError, String(error));
    assert.equal(error.code, 'model_not_found');
  });
}

for (const {backend, clientModel} of serving('chat')) {
  test(`${backend.name}: a request that fails once is retried`, async () => {
    await setBehaviour(backend, {'fail-next': 1, 'fail-status': 500});
    const response = await openai({maxRetries: 2}).chat.completions.create({model: clientModel, messages});
    assert.match(response.choices[0].message.content, /^Oslo/);
  });

  test(`${backend.name}: a client's timeout also cancels the upstream request`, async () => {
    const before = (await statistics(backend)).cancelled;
    const error = await openai({timeout: 300}).chat.completions.create({model: `${backend.name}-slow`, messages})
      .catch((e) => e);
    assert.ok(error instanceof OpenAI.APIConnectionTimeoutError, String(error));
    await until('the cancel', async () => (await statistics(backend)).cancelled > before, 5000);
  });

  test(`${backend.name}: a request that always fails is not retried forever`, async () => {
    const before = await requests(backend);
    await assert.rejects(openai({maxRetries: 1}).chat.completions.create({model: `${backend.name}-500`, messages}));
    const count = await requests(backend) - before;
    assert.ok(count >= 1 && count <= 6, `${count} requests`); // Two of the client, each with at most three attempts.
  });
}
