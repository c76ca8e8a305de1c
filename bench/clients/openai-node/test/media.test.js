// APIs with other forms than chat: embeddings, transcriptions in a form, images.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {toFile} from 'openai';
import {reachesOnly, clients, serving, target} from './target.js';

/** Contains the field and a false boundary, to detect a search in place of parsing. */
const WAV = Buffer.from('RIFF....name="model"....\r\n--not-a-boundary\r\n\r\ngpt-4o-transcribe');
const TRANSCRIPT = new RegExp(`^Oslo.*\\(${WAV.length} bytes, crc32c `);

for (const [name, client] of clients) {
  for (const {backend, clientModel, backendModel} of serving('embeddings')) {
    test(`${name}, ${backend.name}: embeddings have the client's default encoding`, async () => {
      const response = await reachesOnly(backend, {operation: 'embeddings', model: backendModel},
        () => client.embeddings.create({input: ['one', 'two'], model: clientModel}));
      assert.equal(response.data.length, 2);
      assert.equal(response.data[1].index, 1);
      assert.equal(typeof response.data[0].embedding[0], 'number');
      assert.ok(response.usage.total_tokens > 0);
    });
  }

  for (const {backend, clientModel, backendModel} of serving('transcriptions')) {
    test(`${name}, ${backend.name}: a transcription`, async () => {
      const file = await toFile(WAV, 'model.wav', {type: 'audio/wav'});
      const response = await reachesOnly(backend, {operation: 'audio/transcriptions', model: backendModel},
        () => client.audio.transcriptions.create({file, model: clientModel, language: 'no'}));
      assert.match(response.text, TRANSCRIPT);
    });
  }

  for (const {backend, clientModel, backendModel} of serving('speech')) {
    test(`${name}, ${backend.name}: speech`, async () => {
      const response = await reachesOnly(backend, {operation: 'audio/speech', model: backendModel},
        () => client.audio.speech.create({input: 'Oslo', voice: 'alloy', model: clientModel}));
      assert.equal(response.headers.get('content-type'), 'audio/mpeg');
      assert.match(await response.text(), /^ID3 Oslo/);
    });
  }

  for (const {backend, clientModel, backendModel} of serving('images')) {
    test(`${name}, ${backend.name}: an image`, async () => {
      const response = await reachesOnly(backend, {operation: 'images/generations', model: backendModel},
        () => client.images.generate({prompt: 'a "model": of Oslo', model: clientModel}));
      assert.equal(Buffer.from(response.data[0].b64_json, 'base64').subarray(1, 4).toString(), 'PNG');
    });
  }
}

// The client selects the order of a form's parts itself, so that these two forms are written by hand.
for (const {backend, clientModel, backendModel} of serving('transcriptions')) {
  for (const order of [['model', 'language', 'file'], ['file', 'language', 'model']]) {
    test(`${backend.name}: a transcription with its parts in the order ${order.join(', ')}`, async () => {
      const form = new FormData();
      const add = {
        file: () => form.append('file', new Blob([WAV], {type: 'audio/wav'}), 'model.wav'),
        language: () => form.append('language', 'no'),
        model: () => form.append('model', clientModel),
      };
      order.forEach((part) => add[part]());
      const response = await reachesOnly(backend, {operation: 'audio/transcriptions', model: backendModel},
        () => fetch(`${target.baseURL}/audio/transcriptions`, {
          method: 'POST', body: form, headers: {authorization: `Bearer ${target.apiKey}`},
        }));
      assert.equal(response.status, 200);
      assert.match((await response.json()).text, TRANSCRIPT);
    });
  }
}
