// Chat completions: whole, streamed, with tools; what reaches a backend, and what doesn't.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {arrivesAt, azure, backends, clients, openai, script, seen, serving, target, until} from './target.js';

const operation = 'chat/completions';
const messages = [{role: 'user', content: 'What is the capital of Norway? Blåbær 😀 "model": "no"'}];
const tools = [{
  type: 'function',
  function: {
    name: 'weather',
    parameters: {type: 'object', properties: {city: {type: 'string'}, model: {type: 'string'}}, required: ['city']},
  },
}];

for (const [name, client] of clients) {
  for (const {backend, asked, arrives} of serving('chat')) {
    const at = {operation, model: arrives};

    test(`${name}, ${backend.name}: a chat completion comes whole`, async () => {
      const answer = await arrivesAt(backend, at, () => client.chat.completions.create({model: asked, messages}));
      assert.equal(answer.object, 'chat.completion');
      assert.match(answer.choices[0].message.content, /^Oslo is the capital of Norway/);
      assert.equal(answer.choices[0].finish_reason, 'stop');
      assert.ok(answer.usage.total_tokens > answer.usage.prompt_tokens);
      assert.ok(answer._request_id, 'no x-request-id');
    });

    test(`${name}, ${backend.name}: a chat completion streams, in pieces and with its usage`, async () => {
      let text = '';
      let pieces = 0;
      let usage;
      await arrivesAt(backend, at, async () => {
        const stream = await client.chat.completions.create({
          messages, model: asked, stream: true, stream_options: {include_usage: true},
        });
        for await (const chunk of stream) {
          const piece = chunk.choices[0]?.delta?.content;
          if (piece) {
            text += piece;
            pieces++;
          }
          usage = chunk.usage ?? usage;
        }
      });
      assert.match(text, /^Oslo is the capital of Norway/);
      assert.ok(pieces > 1, `only ${pieces} pieces`);
      assert.ok(usage?.completion_tokens > 0, 'no usage');
    });

    test(`${name}, ${backend.name}: a tool is called, and its result is talked about`, async () => {
      const first = await arrivesAt(backend, at,
        () => client.chat.completions.create({tools, messages, model: asked}));
      assert.equal(first.choices[0].finish_reason, 'tool_calls');
      const [call] = first.choices[0].message.tool_calls;
      assert.equal(call.function.name, 'weather');
      assert.deepEqual(JSON.parse(call.function.arguments), {city: 'Oslo'});
      const second = await arrivesAt(backend, at, () => client.chat.completions.create({
        model: asked,
        messages: [...messages, first.choices[0].message, {role: 'tool', tool_call_id: call.id, content: 'rain'}],
        tools,
      }));
      assert.match(second.choices[0].message.content, /^Oslo/);
    });

    test(`${name}, ${backend.name}: a tool is called in a stream`, async () => {
      const call = await arrivesAt(backend, at, async () => {
        const stream = await client.chat.completions.create({model: asked, messages, tools, stream: true});
        const whole = {name: '', arguments: ''};
        for await (const chunk of stream) {
          for (const piece of chunk.choices[0]?.delta?.tool_calls ?? []) {
            whole.name += piece.function.name ?? '';
            whole.arguments += piece.function.arguments ?? '';
          }
        }
        return whole;
      });
      assert.equal(call.name, 'weather');
      assert.deepEqual(JSON.parse(call.arguments), {city: 'Oslo'});
    });
  }
}

for (const {backend, asked, arrives} of serving('chat')) {
  // Its path says which, so the body may be without.
  for (const model of [asked, undefined]) {
    test(`AzureOpenAI, ${backend.name}: a client made for one deployment, ${model ? 'and' : 'without'} a model`, async () => {
      const answer = await arrivesAt(backend, {operation, model: arrives},
        () => azure({deployment: asked}).chat.completions.create({messages, model}));
      assert.match(answer.choices[0].message.content, /^Oslo/);
    });
  }

  test(`${backend.name}: the client's own credential stays behind, and headers beyond what the backend bears`, async () => {
    const extra = Object.fromEntries(Array.from({length: 12}, (_, i) => [`x-extra-${i}`, 'v']));
    const headers = {
      ...extra,
      'traceparent': '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'x-forwarded-for': '192.0.2.1',
    };
    await arrivesAt(backend, {operation, model: arrives},
      () => openai().chat.completions.create({model: asked, messages}, {headers}));
    const {last} = await seen(backend);
    const names = Object.keys(last.headers);
    const credentials = names.filter((name) => ['api-key', 'authorization', 'x-goog-api-key', 'cookie'].includes(name));
    assert.equal(credentials.length, 1, String(credentials));
    if (backend.withholds) {
      assert.deepEqual(names.filter((name) => /^(x-stainless-|x-forwarded-|forwarded$|via$|traceparent$)/.test(name)), []);
    }
  });

  test(`${backend.name}: an aborted stream is cancelled upstream within a second`, async () => {
    const before = (await seen(backend)).cancelled;
    const stream = await openai().chat.completions.create({model: `${backend.name}-slow`, messages, stream: true});
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta?.content) {
        break; // Leaving the loop aborts the request.
      }
    }
    const left = Date.now();
    await until('the cancel', async () => (await seen(backend)).cancelled > before, 5000);
    const {lastCancelled} = await seen(backend);
    assert.ok(lastCancelled.atMillis - left < 1000, `cancelled ${lastCancelled.atMillis - left} ms after the client left`);
  });

  test(`${backend.name}: a connection lost in the middle of a stream is an error, not an end`, async () => {
    const stream = await openai().chat.completions.create({model: `${backend.name}-reset`, messages, stream: true});
    await assert.rejects(async () => {
      for await (const chunk of stream) {
        assert.ok(chunk);
      }
    });
  });
}

for (const {backend, asked} of serving('chat').filter(({backend}) => !backend.bursts)) {
  test(`${backend.name}: the client bears what keeps a silent stream alive`, async () => {
    await script(backend, {'between-tokens-ms': 1500, 'tokens': 3});
    try {
      const request = {model: asked, messages, stream: true};
      const [raw, text] = await Promise.all([rawStream(request), streamed(request)]);
      assert.match(raw, /(^|\n\n): ping\n/);
      assert.equal(text, 'Oslo is the');
    } finally {
      await script(backend, {'between-tokens-ms': 1, 'tokens': 8});
    }
  });
}

async function rawStream(request) {
  const answer = await fetch(`${target.baseURL}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify(request),
    headers: {'content-type': 'application/json', 'authorization': `Bearer ${target.apiKey}`},
  });
  return answer.text();
}

async function streamed(request) {
  let text = '';
  for await (const chunk of await openai().chat.completions.create(request)) {
    text += chunk.choices[0]?.delta?.content ?? '';
  }
  return text;
}

test('a name that all serve reaches each of them under its own', async () => {
  const before = await Promise.all(backends.map(seen));
  for (let i = 0; i < 20; i++) {
    await Promise.all([openai(), azure()]
      .map((client) => client.chat.completions.create({model: 'any-model', messages})));
  }
  const after = await Promise.all(backends.map(seen));
  const came = backends.map((backend, i) => {
    const {arrives} = backend.models.chat;
    return (after[i].models[arrives] ?? 0) - (before[i].models[arrives] ?? 0);
  });
  assert.equal(came.reduce((a, b) => a + b, 0), 40, String(came));
  assert.deepEqual(after.map((each) => each.refusals), before.map((each) => each.refusals));
});
