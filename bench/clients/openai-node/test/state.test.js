// Stored objects: responses with a previous response, conversations, files. Requests must reach the backend that owns the object.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {NotFoundError, toFile} from 'openai';
import {reachesOnly, clients, serving} from './target.js';

const TURNS = 12;
const of = 'resource';
const tools = [{type: 'function', name: 'weather', strict: false, parameters: {type: 'object', properties: {}}}];

for (const [name, client] of clients) {
  for (const {backend, clientModel, backendModel} of serving('responses')) {
    const at = {operation: 'responses', model: backendModel, of};

    test(`${name}, ${backend.name}: responses refer to previous ones for ${TURNS} turns`, async () => {
      let previous;
      for (let turn = 1; turn <= TURNS; turn++) {
        const response = await reachesOnly(backend, at, () => client.responses.create({
          input: 'and then?', model: clientModel, ...(previous && {previous_response_id: previous}),
        }));
        assert.match(response.output_text, /^Oslo/);
        assert.equal(response.previous_response_id, previous ?? null);
        // The backend counts the turns that it has stored.
        assert.equal(response.usage.input_tokens, 11 * turn);
        previous = response.id;
      }
    });

    test(`${name}, ${backend.name}: a streamed response can be continued, shown and deleted`, async () => {
      let id;
      let text = '';
      await reachesOnly(backend, at, async () => {
        const stream = await client.responses.create({model: clientModel, input: 'Why?', stream: true});
        for await (const event of stream) {
          if (event.type === 'response.output_text.delta') {
            text += event.delta;
          } else if (event.type === 'response.completed') {
            id = event.response.id;
          }
        }
      });
      assert.match(text, /^Oslo/);
      const next = await reachesOnly(backend, at,
        () => client.responses.create({model: clientModel, input: 'And?', previous_response_id: id}));
      assert.equal(next.usage.input_tokens, 22);
      const retrieved = await reachesOnly(backend, {operation: `responses/${id}`, of}, () => client.responses.retrieve(id));
      assert.equal(retrieved.id, id);
      const items = await client.responses.inputItems.list(id);
      assert.equal(items.data[0].content[0].text, 'Why?');
      await client.responses.delete(id);
      const error = await client.responses.retrieve(id).catch((e) => e);
      assert.ok(error instanceof NotFoundError, String(error));
    });

    test(`${name}, ${backend.name}: a response calls a tool and gets its result`, async () => {
      const first = await reachesOnly(backend, at, () => client.responses.create({model: clientModel, input: 'Rain?', tools}));
      const call = first.output.find((item) => item.type === 'function_call');
      assert.deepEqual(JSON.parse(call.arguments), {city: 'Oslo'});
      const second = await reachesOnly(backend, at, () => client.responses.create({
        input: [{type: 'function_call_output', call_id: call.call_id, output: 'rain'}],
        previous_response_id: first.id,
        model: clientModel,
        tools,
      }));
      assert.match(second.output_text, /^Oslo/);
    });

    test(`${name}, ${backend.name}: encrypted reasoning reaches the backend that created it`, async () => {
      const first = await reachesOnly(backend, at, () => client.responses.create({
        model: clientModel, input: 'x', store: false, include: ['reasoning.encrypted_content'],
      }));
      const second = await reachesOnly(backend, at, () => client.responses.create({
        model: clientModel, store: false, input: [...first.output, {role: 'user', content: 'y'}],
      }));
      assert.match(second.output_text, /^Oslo/);
    });

    test(`${name}, ${backend.name}: an unknown response can't be continued`, async () => {
      const error = await client.responses.create({model: clientModel, input: 'x', previous_response_id: 'resp_gone'})
        .catch((e) => e);
      assert.equal(error.status, 400);
      assert.equal(error.code, 'previous_response_not_found');
    });
  }

  test(`${name}: a file is uploaded, shown, listed, read and deleted`, async () => {
    const content = Buffer.from('{"custom_id":"1","body":{"model":"gpt-4o"}}\n'.repeat(1000));
    const file = await client.files.create({file: await toFile(content, 'batch.jsonl'), purpose: 'batch'});
    assert.match(file.id, /^file-/);
    assert.equal(file.bytes, content.length);
    assert.equal((await client.files.retrieve(file.id)).filename, 'batch.jsonl');
    const listed = [];
    for await (const each of client.files.list()) {
      listed.push(each.id);
    }
    assert.ok(listed.includes(file.id), 'not in the list');
    const read = Buffer.from(await (await client.files.content(file.id)).arrayBuffer());
    assert.ok(read.equals(content), 'the content has changed');
    assert.equal((await client.files.delete(file.id)).deleted, true);
    const error = await client.files.retrieve(file.id).catch((e) => e);
    assert.ok(error instanceof NotFoundError, String(error));
  });

  test(`${name}: a file is used in a request and in a batch at its owner`, async () => {
    const [{clientModel}] = serving('responses');
    const file = await client.files.create({file: await toFile(Buffer.from('{}'), 'b.jsonl'), purpose: 'batch'});
    const response = await client.responses.create({
      input: [{role: 'user', content: [{type: 'input_file', file_id: file.id}, {type: 'input_text', text: 'What is it?'}]}],
      model: clientModel,
    });
    assert.match(response.output_text, /^Oslo/);
    const batch = await client.batches.create({
      input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h',
    });
    assert.equal(batch.input_file_id, file.id);
    assert.equal((await client.batches.retrieve(batch.id)).id, batch.id);
    assert.equal((await client.batches.cancel(batch.id)).id, batch.id);
    const store = await client.vectorStores.create({name: 'n', file_ids: [file.id]});
    assert.equal((await client.vectorStores.retrieve(store.id)).id, store.id);
    assert.equal((await client.vectorStores.delete(store.id)).deleted, true);
  });

  for (const {backend, clientModel} of serving('responses')) {
    test(`${name}, ${backend.name}: a stored completion can be retrieved`, async () => {
      const messages = [{role: 'user', content: 'hi'}];
      const stored = await client.chat.completions.create({model: clientModel, messages, store: true});
      assert.equal((await client.chat.completions.retrieve(stored.id)).id, stored.id);
      assert.equal((await client.chat.completions.delete(stored.id)).deleted, true);
    });
  }

  test(`${name}: a conversation is created, and its responses reach its owner`, async () => {
    const conversation = await client.conversations.create({});
    assert.match(conversation.id, /^conv_/);
    assert.equal((await client.conversations.retrieve(conversation.id)).id, conversation.id);
    const [{clientModel}] = serving('responses');
    const response = await client.responses.create({model: clientModel, input: 'x', conversation: conversation.id});
    assert.equal(response.conversation.id, conversation.id);
  });
}
