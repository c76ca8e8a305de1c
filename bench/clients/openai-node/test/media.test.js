// What comes in other shapes than chat: embeddings, transcriptions in a form, images.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {toFile} from 'openai';
import {arrivesAt, clients, serving, target} from './target.js';

/** Has the field that matters in it, and a boundary that is none: whoever searches rather than parses is led astray. */
const WAV = Buffer.from('RIFF....name="model"....\r\n--not-a-boundary\r\n\r\ngpt-4o-transcribe');
const HEARD = new RegExp(`^Oslo.*\\(${WAV.length} bytes, crc32c `);

for (const [name, client] of clients) {
  for (const {backend, asked, arrives} of serving('embeddings')) {
    test(`${name}, ${backend.name}: embeddings come in the form that the client asks for by default`, async () => {
      const answer = await arrivesAt(backend, {operation: 'embeddings', model: arrives},
        () => client.embeddings.create({input: ['one', 'two'], model: asked}));
      assert.equal(answer.data.length, 2);
      assert.equal(answer.data[1].index, 1);
      assert.equal(typeof answer.data[0].embedding[0], 'number');
      assert.ok(answer.usage.total_tokens > 0);
    });
  }

  for (const {backend, asked, arrives} of serving('transcriptions')) {
    test(`${name}, ${backend.name}: a transcription`, async () => {
      const file = await toFile(WAV, 'model.wav', {type: 'audio/wav'});
      const answer = await arrivesAt(backend, {operation: 'audio/transcriptions', model: arrives},
        () => client.audio.transcriptions.create({file, model: asked, language: 'no'}));
      assert.match(answer.text, HEARD);
    });
  }

  for (const {backend, asked, arrives} of serving('speech')) {
    test(`${name}, ${backend.name}: speech`, async () => {
      const answer = await arrivesAt(backend, {operation: 'audio/speech', model: arrives},
        () => client.audio.speech.create({input: 'Oslo', voice: 'alloy', model: asked}));
      assert.equal(answer.headers.get('content-type'), 'audio/mpeg');
      assert.match(await answer.text(), /^ID3 Oslo/);
    });
  }

  for (const {backend, asked, arrives} of serving('images')) {
    test(`${name}, ${backend.name}: an image`, async () => {
      const answer = await arrivesAt(backend, {operation: 'images/generations', model: arrives},
        () => client.images.generate({prompt: 'a "model": of Oslo', model: asked}));
      assert.equal(Buffer.from(answer.data[0].b64_json, 'base64').subarray(1, 4).toString(), 'PNG');
    });
  }
}

// The client chooses the order of a form's parts itself, so these two are written by hand.
for (const {backend, asked, arrives} of serving('transcriptions')) {
  for (const order of [['model', 'language', 'file'], ['file', 'language', 'model']]) {
    test(`${backend.name}: a transcription with its parts in the order ${order.join(', ')}`, async () => {
      const form = new FormData();
      const add = {
        file: () => form.append('file', new Blob([WAV], {type: 'audio/wav'}), 'model.wav'),
        language: () => form.append('language', 'no'),
        model: () => form.append('model', asked),
      };
      order.forEach((part) => add[part]());
      const answer = await arrivesAt(backend, {operation: 'audio/transcriptions', model: arrives},
        () => fetch(`${target.baseURL}/audio/transcriptions`, {
          method: 'POST', body: form, headers: {authorization: `Bearer ${target.apiKey}`},
        }));
      assert.equal(answer.status, 200);
      assert.match((await answer.json()).text, HEARD);
    });
  }
}
