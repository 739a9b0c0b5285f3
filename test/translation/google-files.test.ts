/** Files in Google's stores, for upstreams of other providers. */
import { expect, test } from 'bun:test';
import { type Loss, lossesInto } from '../../src/protocols/codec.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';
import { readRequest } from '../codec-runs.ts';

const addresses = [
  'gs://bucket/x.png',
  'GS://bucket/x.png',
  'https://generativelanguage.googleapis.com/v1beta/files/abc-123',
  'HTTPS://GenerativeLanguage.googleapis.com:443/v1/files/abc-123',
  'http://generativelanguage.googleapis.com/download/v1beta/files/abc:download?alt=media',
  'generativelanguage.googleapis.com/v1alpha/files/abc',
  'https://gateway.example.com/gemini/v1beta/files/abc-123',
  'files/abc-123',
];
const others: Protocol[] = ['openai-chat', 'openai-responses', 'anthropic-messages'];
const types = ['image/png', 'application/pdf', 'audio/mpeg', 'video/mp4', undefined];

test.each(addresses)('A10: %s reaches no other provider, and is reported', (fileUri) => {
  for (const mimeType of types) {
    const fileData = { ...(mimeType !== undefined && { mimeType }), fileUri };
    const request = readRequest(codecs.gemini, {
      contents: [{ role: 'user', parts: [{ text: 'q' }, { fileData }] }],
    });
    for (const protocol of others) {
      const losses: Loss[] = [];
      const report = lossesInto(losses);
      const body = codecs[protocol].encodeRequest(request, { model: 'm', stream: false, report });
      expect(JSON.stringify(body)).not.toContain(fileUri);
      expect(losses).toContainEqual(expect.objectContaining({ kind: 'dropped' }));
    }
    // Google itself reads it, whether AI Studio or Vertex AI: which of the two has it, it says itself.
    const own = codecs.gemini.encodeRequest(request, { model: 'm', stream: false, report: () => {} });
    expect(JSON.stringify(own)).toContain(fileUri);
  }
});

test('A10: such an image of a client of OpenAI is Gemini’s alone, too; other addresses pass', () => {
  for (const [url, passes] of [
    ['gs://bucket/x.png', false],
    ['https://example.com/x.png', true],
    ['https://storage.googleapis.com/bucket/x.png', true],
    ['https://api.example.com/v1/files/x.png', true],
  ] as const) {
    const content = [{ type: 'image_url', image_url: { url } }];
    const request = readRequest(codecs['openai-chat'], { messages: [{ role: 'user', content }] });
    for (const protocol of ['anthropic-messages', 'openai-responses', 'gemini'] as const) {
      const body = codecs[protocol].encodeRequest(request, { model: 'm', stream: false, report: () => {} });
      expect(JSON.stringify(body).includes(url)).toBe(passes || protocol === 'gemini');
    }
  }
});
