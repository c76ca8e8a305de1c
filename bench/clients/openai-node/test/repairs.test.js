// Faults of a backend. Before the first token the client does not notice them, because another backend responds. After it,
// and if no backend responds, the client raises its own error class. See ../../repairs.yaml.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import OpenAI from 'openai';
import {openai, target} from './target.js';

const client = openai({baseURL: target.repairsURL});
const messages = [{role: 'user', content: 'hi'}];

const apis = {
  chat: {
    create: (options) => client.chat.completions.create({messages, ...options}),
    text: (response) => response.choices[0].message.content,
    piece: (event) => event.choices[0]?.delta?.content ?? '',
  },
  responses: {
    create: (options) => client.responses.create({input: 'hi', ...options}),
    text: (response) => response.output_text,
    piece: (event) => event.type === 'response.output_text.delta' ? event.delta : '',
  },
};

/** Reads a stream, and returns its text, its last event, and the error that ended it. */
async function read({piece}, stream) {
  const result = {text: '', last: undefined, error: undefined};
  try {
    for await (const event of stream) {
      result.text += piece(event);
      result.last = event;
    }
  } catch (error) {
    result.error = error;
  }
  return result;
}

for (const [name, api] of Object.entries(apis)) {
  for (const fault of ['status', 'reset', 'error', 'end']) {
    test(`${name}: a stream's fault before the first token is repaired: ${fault}`, async () => {
      const {data, response} = await api.create({model: `node-${fault}`, stream: true}).withResponse();
      const {text, error} = await read(api, data);
      assert.equal(error, undefined);
      assert.match(text, /^Oslo is the capital of Norway/);
      assert.equal(response.headers.get('x-crowfly-backend'), 'spare');
      assert.match(response.headers.get('x-crowfly-decision'), new RegExp(`^next best after node-${fault}: `));
    });
  }

  for (const fault of ['reset', 'error']) {
    test(`${name}: a fault after the first token raises the client's error: ${fault}`, async () => {
      const {text, last, error} = await read(api, await api.create({model: `late-${fault}`, stream: true}));
      assert.notEqual(text, '');
      if (name === 'responses' && fault === 'error') {
        // The API's own event, which the client passes to its caller.
        assert.equal(last.type, 'response.failed');
      } else {
        assert.ok(error instanceof OpenAI.APIError, String(error));
      }
    });
  }

  for (const fault of ['status', 'reset', 'error']) {
    test(`${name}: if all backends fail, a stream raises the client's error: ${fault}`, async () => {
      const stream = await api.create({model: `lost-${fault}`, stream: true}).catch((error) => error);
      if (fault === 'error') {
        const {text, last, error} = await read(api, stream);
        assert.equal(text, '');
        assert.ok(error instanceof OpenAI.APIError || last?.type === 'response.failed', String(error));
      } else {
        assert.ok(stream instanceof OpenAI.InternalServerError, String(stream));
        assert.equal(stream.status, fault === 'status' ? 503 : 502);
      }
    });
  }
}

test('if all backends fail, a request raises the client\'s error', async () => {
  for (const {create} of Object.values(apis)) {
    for (const fault of ['status', 'reset']) {
      const error = await create({model: `lost-${fault}`}).catch((e) => e);
      assert.ok(error instanceof OpenAI.InternalServerError, String(error));
    }
  }
});
