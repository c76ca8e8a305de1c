// Chat completions: complete, streamed, with tools; which headers a backend receives, and which it does not.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {reachesOnly, azure, backends, clients, openai, setBehaviour, statistics, serving, target, until} from './target.js';

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
  for (const {backend, clientModel, backendModel} of serving('chat')) {
    const at = {operation, model: backendModel};

    test(`${name}, ${backend.name}: a chat completion arrives complete`, async () => {
      const response = await reachesOnly(backend, at, () => client.chat.completions.create({model: clientModel, messages}));
      assert.equal(response.object, 'chat.completion');
      assert.match(response.choices[0].message.content, /^Oslo is the capital of Norway/);
      assert.equal(response.choices[0].finish_reason, 'stop');
      assert.ok(response.usage.total_tokens > response.usage.prompt_tokens);
      assert.ok(response._request_id, 'no x-request-id');
    });

    test(`${name}, ${backend.name}: a chat completion streams, in pieces and with its usage`, async () => {
      let text = '';
      let pieces = 0;
      let usage;
      await reachesOnly(backend, at, async () => {
        const stream = await client.chat.completions.create({
          messages, model: clientModel, stream: true, stream_options: {include_usage: true},
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

    test(`${name}, ${backend.name}: a tool is called, and its result is used`, async () => {
      const first = await reachesOnly(backend, at,
        () => client.chat.completions.create({tools, messages, model: clientModel}));
      assert.equal(first.choices[0].finish_reason, 'tool_calls');
      const [call] = first.choices[0].message.tool_calls;
      assert.equal(call.function.name, 'weather');
      assert.deepEqual(JSON.parse(call.function.arguments), {city: 'Oslo'});
      const second = await reachesOnly(backend, at, () => client.chat.completions.create({
        model: clientModel,
        messages: [...messages, first.choices[0].message, {role: 'tool', tool_call_id: call.id, content: 'rain'}],
        tools,
      }));
      assert.match(second.choices[0].message.content, /^Oslo/);
    });

    test(`${name}, ${backend.name}: a tool is called in a stream`, async () => {
      const call = await reachesOnly(backend, at, async () => {
        const stream = await client.chat.completions.create({model: clientModel, messages, tools, stream: true});
        const toolCall = {name: '', arguments: ''};
        for await (const chunk of stream) {
          for (const piece of chunk.choices[0]?.delta?.tool_calls ?? []) {
            toolCall.name += piece.function.name ?? '';
            toolCall.arguments += piece.function.arguments ?? '';
          }
        }
        return toolCall;
      });
      assert.equal(call.name, 'weather');
      assert.deepEqual(JSON.parse(call.arguments), {city: 'Oslo'});
    });
  }
}

for (const {backend, clientModel, backendModel} of serving('chat')) {
  // The path names the deployment, so that the body may have no model.
  for (const model of [clientModel, undefined]) {
    test(`AzureOpenAI, ${backend.name}: a client made for one deployment, ${model ? 'and' : 'without'} a model`, async () => {
      const response = await reachesOnly(backend, {operation, model: backendModel},
        () => azure({deployment: clientModel}).chat.completions.create({messages, model}));
      assert.match(response.choices[0].message.content, /^Oslo/);
    });
  }

  test(`${backend.name}: the client's credential is not forwarded, nor more headers than the backend accepts`, async () => {
    const extra = Object.fromEntries(Array.from({length: 12}, (_, i) => [`x-extra-${i}`, 'v']));
    const headers = {
      ...extra,
      'traceparent': '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'x-forwarded-for': '192.0.2.1',
    };
    await reachesOnly(backend, {operation, model: backendModel},
      () => openai().chat.completions.create({model: clientModel, messages}, {headers}));
    const {last} = await statistics(backend);
    const names = Object.keys(last.headers);
    const credentials = names.filter((name) => ['api-key', 'authorization', 'x-goog-api-key', 'cookie'].includes(name));
    assert.equal(credentials.length, 1, String(credentials));
    if (backend.withholds) {
      assert.deepEqual(names.filter((name) => /^(x-stainless-|x-forwarded-|forwarded$|via$|traceparent$)/.test(name)), []);
    }
  });

  test(`${backend.name}: an aborted stream is cancelled upstream within a second`, async () => {
    const before = (await statistics(backend)).cancelled;
    const stream = await openai().chat.completions.create({model: `${backend.name}-slow`, messages, stream: true});
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta?.content) {
        break; // The end of the loop aborts the request.
      }
    }
    const abortedMillis = Date.now();
    await until('the cancel', async () => (await statistics(backend)).cancelled > before, 5000);
    const {lastCancelled} = await statistics(backend);
    assert.ok(lastCancelled.atMillis - abortedMillis < 1000, `cancelled ${lastCancelled.atMillis - abortedMillis} ms after the client disconnected`);
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

for (const {backend, clientModel} of serving('chat').filter(({backend}) => !backend.bursts)) {
  test(`${backend.name}: the client accepts the keepalives of a silent stream`, async () => {
    await setBehaviour(backend, {'between-tokens-ms': 1500, 'tokens': 3});
    try {
      const request = {model: clientModel, messages, stream: true};
      const [raw, text] = await Promise.all([rawStream(request), streamed(request)]);
      assert.match(raw, /(^|\n\n): ping\n/);
      assert.equal(text, 'Oslo is the');
    } finally {
      await setBehaviour(backend, {'between-tokens-ms': 1, 'tokens': 8});
    }
  });
}

async function rawStream(request) {
  const response = await fetch(`${target.baseURL}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify(request),
    headers: {'content-type': 'application/json', 'authorization': `Bearer ${target.apiKey}`},
  });
  return response.text();
}

async function streamed(request) {
  let text = '';
  for await (const chunk of await openai().chat.completions.create(request)) {
    text += chunk.choices[0]?.delta?.content ?? '';
  }
  return text;
}

test('a name that all backends serve reaches each under its own name', async () => {
  const before = await Promise.all(backends.map(statistics));
  for (let i = 0; i < 20; i++) {
    await Promise.all([openai(), azure()]
      .map((client) => client.chat.completions.create({model: 'any-model', messages})));
  }
  const after = await Promise.all(backends.map(statistics));
  const received = backends.map((backend, i) => {
    const {backendModel} = backend.models.chat;
    return (after[i].models[backendModel] ?? 0) - (before[i].models[backendModel] ?? 0);
  });
  assert.equal(received.reduce((a, b) => a + b, 0), 40, String(received));
  assert.deepEqual(after.map((each) => each.refusals), before.map((each) => each.refusals));
});
