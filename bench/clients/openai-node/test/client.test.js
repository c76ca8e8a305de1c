// The official client, unchanged but for its base URL. Run it against a simulated endpoint, or against Crowfly with
// simulated endpoints behind it; what it checks is the same.
//
//   BASE_URL  what the client is given, for example http://127.0.0.1:8080/v1
//   SIM_URLS  the endpoints' own roots, comma-separated, to ask what they received: http://127.0.0.1:9101,...
//   PROVIDER  azure, google or openai (the default): whose answers to expect
//   MODEL     the name of the model to ask for, gpt-4o by default
//   MODEL_PREFIX  stands before the names of the models that ask for errors, for example google/

import assert from 'node:assert/strict';
import {test} from 'node:test';
import OpenAI from 'openai';

const baseURL = process.env.BASE_URL;
assert.ok(baseURL, 'BASE_URL is not set');
const endpoints = (process.env.SIM_URLS ?? '').split(',').filter(Boolean);
assert.ok(endpoints.length > 0, 'SIM_URLS is not set');
const provider = process.env.PROVIDER ?? 'openai';
assert.ok(['azure', 'google', 'openai'].includes(provider), `no such PROVIDER: ${provider}`);
const model = process.env.MODEL ?? 'gpt-4o';
const simulated = (name) => (process.env.MODEL_PREFIX ?? '') + name;

const client = new OpenAI({baseURL, apiKey: process.env.API_KEY ?? 'a-client-key', maxRetries: 0});
const messages = [{role: 'user', content: 'What is the capital of Norway? Blåbær 😀'}];

/** What the endpoints have received, each for itself. */
const seenByEach = () => Promise.all(endpoints.map((url) => fetch(`${url}/_seen`).then((answer) => answer.json())));

async function seen(field) {
  return (await seenByEach()).reduce((sum, answer) => sum + field(answer), 0);
}

const chats = (answer) =>
  Object.entries(answer.requests)
    .filter(([path]) => path.endsWith('/chat/completions'))
    .reduce((sum, [, count]) => sum + count, 0);

async function until(what, condition, millis) {
  const end = Date.now() + millis;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `${what}: not within ${millis} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a chat completion comes whole', async () => {
  const before = await seen(chats);
  const answer = await client.chat.completions.create({model, messages});
  assert.equal(answer.object, 'chat.completion');
  assert.match(answer.choices[0].message.content, /^Oslo is the capital of Norway/);
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert.ok(answer.usage.total_tokens > 0);
  assert.equal(await seen(chats), before + 1);
});

test('a chat completion streams, in pieces and with its usage', async () => {
  const stream = await client.chat.completions.create({
    model, messages, stream: true, stream_options: {include_usage: true},
  });
  let text = '';
  let pieces = 0;
  let usage;
  for await (const chunk of stream) {
    const piece = chunk.choices[0]?.delta?.content;
    if (piece) {
      text += piece;
      pieces++;
    }
    usage = chunk.usage ?? usage;
  }
  assert.match(text, /^Oslo is the capital of Norway/);
  assert.ok(pieces > 1, `only ${pieces} pieces`);
  assert.ok(usage?.completion_tokens > 0, 'no usage');
});

test('embeddings come in the form that the client asks for by default',
  {skip: provider === 'google' && 'google has no embeddings on this surface'}, async () => {
    const answer = await client.embeddings.create({model, input: ['one', 'two']});
    assert.equal(answer.data.length, 2);
    assert.equal(answer.data[1].index, 1);
    assert.equal(typeof answer.data[0].embedding[0], 'number');
  });

test('a 429 is the client\'s RateLimitError', async () => {
  const error = await client.chat.completions.create({model: simulated('sim-429'), messages}).catch((e) => e);
  assert.ok(error instanceof OpenAI.RateLimitError, String(error));
  assert.equal(error.status, 429);
  assert.ok(error.error, 'its body was not understood');
});

test('a 429 to a stream is one too', async () => {
  const error = await client.chat.completions.create({model: simulated('sim-429'), messages, stream: true})
    .catch((e) => e);
  assert.ok(error instanceof OpenAI.RateLimitError, String(error));
});

test('a 500 is the client\'s InternalServerError', async () => {
  const error = await client.chat.completions.create({model: simulated('sim-500'), messages}).catch((e) => e);
  assert.ok(error instanceof OpenAI.InternalServerError, String(error));
  assert.equal(error.status, 500);
});

test('an aborted stream is cancelled upstream within a second', async () => {
  const before = await seen((answer) => answer.cancelled);
  const stream = await client.chat.completions.create({model: simulated('sim-slow'), messages, stream: true});
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta?.content) {
      break; // Leaving the loop aborts the request.
    }
  }
  const left = Date.now();
  await until('the cancel', async () => (await seen((answer) => answer.cancelled)) > before, 5000);
  const last = Math.max(...(await seenByEach()).map((answer) => answer.lastCancelled?.atMillis ?? 0));
  assert.ok(last - left < 1000, `cancelled upstream ${last - left} ms after the client left`);
});

test('a connection lost in the middle of a stream is an error, not an end', async () => {
  const stream = await client.chat.completions.create({model: simulated('sim-reset'), messages, stream: true});
  await assert.rejects(async () => {
    for await (const chunk of stream) {
      assert.ok(chunk);
    }
  });
});
