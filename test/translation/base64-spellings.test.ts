/** Bytes that clients write in another base64 than the standard one: each provider takes its own spelling of it, if any. */
import { expect, test } from 'bun:test';
import { translateRequest } from '../../src/gateway/translate-request.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';

// Bytes whose base64 has both letters that the URL-safe alphabet writes otherwise, and padding.
const telling = [0xfb, 0xef, 0xbe, 0xff, 0xff, 0xfe, 0xfb, 0xff, 0xbf];
const media = {
  image: {
    type: 'image/png',
    bytes: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, ...telling, 1, 2]),
  },
  document: { type: 'application/pdf', bytes: Buffer.from([...Buffer.from('%PDF-1.4\n'), ...telling, 1]) },
  audio: { type: 'audio/wav', bytes: Buffer.from([...Buffer.from('RIFF0000WAVE'), ...telling, 1]) },
} as const;
type Kind = keyof typeof media;

const spellings: Readonly<Record<string, (bytes: Buffer, type: string) => string>> = {
  'the URL-safe alphabet': (bytes) => bytes.toString('base64url'),
  lines: (bytes) => (bytes.toString('base64').match(/.{1,8}/g) ?? []).join('\r\n'),
  'spaces and tabs': (bytes) => (bytes.toString('base64').match(/.{1,5}/g) ?? []).join(' \t'),
  'no padding': (bytes) => bytes.toString('base64').replaceAll('=', ''),
  escapes: (bytes) => encodeURIComponent(bytes.toString('base64')),
  'a data URL': (bytes, type) => `data:${type};base64,${bytes.toString('base64url')}`,
  'a data URL in capitals': (bytes, type) => ` DATA:${type};Base64,${bytes.toString('base64url')}`,
};

const dataUrl = (type: string, written: string): string =>
  /^\s*data:/i.test(written) ? written : `data:${type};base64,${written}`;

/** What a client of each protocol sends the bytes in, by kind; several places where it has several. */
const places: Record<Protocol, Partial<Record<Kind, ((type: string, written: string) => JsonObject)[]>>> = {
  'anthropic-messages': {
    image: [
      (type, data) => user([{ type: 'image', source: { type: 'base64', media_type: type, data } }]),
      (type, data) => user([{ type: 'image', source: { type: 'url', url: dataUrl(type, data) } }]),
      (type, data) => ({
        messages: [
          { role: 'user', content: 'Look.' },
          { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }] },
          {
            role: 'user',
            content: [
              {
                type: 'tool_result',
                tool_use_id: 'toolu_1',
                content: [{ type: 'image', source: { type: 'base64', media_type: type, data } }],
              },
            ],
          },
        ],
        tools: [{ name: 'look', input_schema: { type: 'object' } }],
      }),
    ],
    document: [
      (type, data) => user([{ type: 'document', source: { type: 'base64', media_type: type, data } }]),
      (type, data) => user([{ type: 'document', source: { type: 'url', url: dataUrl(type, data) } }]),
    ],
  },
  'openai-chat': {
    image: [(type, data) => user([{ type: 'image_url', image_url: { url: dataUrl(type, data) } }])],
    document: [
      (type, data) => user([{ type: 'file', file: { filename: 'a.pdf', file_data: dataUrl(type, data) } }]),
      (_, data) => user([{ type: 'file', file: { filename: 'a.pdf', file_data: data } }]),
    ],
    audio: [(_, data) => user([{ type: 'input_audio', input_audio: { data, format: 'wav' } }])],
  },
  'openai-responses': {
    image: [
      (type, data) => input([{ type: 'input_image', image_url: dataUrl(type, data) }]),
      (type, data) => ({
        input: [
          { type: 'message', role: 'user', content: 'Look.' },
          { type: 'function_call', call_id: 'call_1', name: 'look', arguments: '{}' },
          {
            type: 'function_call_output',
            call_id: 'call_1',
            output: [{ type: 'input_image', image_url: dataUrl(type, data) }],
          },
        ],
        tools: [{ type: 'function', name: 'look', parameters: { type: 'object' }, strict: false }],
      }),
    ],
    document: [
      (type, data) => input([{ type: 'input_file', filename: 'a.pdf', file_data: dataUrl(type, data) }]),
      (_, data) => input([{ type: 'input_file', filename: 'a.pdf', file_data: data }]),
      (type, data) => input([{ type: 'input_file', file_url: dataUrl(type, data) }]),
    ],
    audio: [(_, data) => input([{ type: 'input_audio', input_audio: { data, format: 'wav' } }])],
  },
  gemini: Object.fromEntries(
    (['image', 'document', 'audio'] as const).map((kind) => [
      kind,
      [
        (mimeType: string, data: string) => parts([{ inlineData: { mimeType, data } }]),
        (mime_type: string, data: string) => parts([{ inline_data: { mime_type, data } }]),
        (mimeType: string, data: string) =>
          parts([{ fileData: { mimeType, fileUri: dataUrl(mimeType, data) } }]),
      ],
    ]),
  ),
};

function user(content: JsonObject[]): JsonObject {
  return { messages: [{ role: 'user', content: [{ type: 'text', text: 'What is it?' }, ...content] }] };
}

function input(content: JsonObject[]): JsonObject {
  return { input: [{ type: 'message', role: 'user', content }] };
}

function parts(parts: JsonObject[]): JsonObject {
  return { contents: [{ role: 'user', parts: [{ text: 'What is it?' }, ...parts] }] };
}

const pairs = protocols.flatMap((from) => protocols.filter((to) => to !== from).map((to) => ({ from, to })));

test.each(pairs)('A: $from to $to carries bytes in standard base64, however written', ({ from, to }) => {
  for (const kind of ['image', 'document', 'audio'] as const)
    for (const place of places[from][kind] ?? [])
      for (const [how, spelling] of Object.entries(spellings)) {
        const { type, bytes } = media[kind];
        const asked = { max_tokens: 100, ...place(type, spelling(bytes, type)) };
        const body = new TextEncoder().encode(JSON.stringify(asked));
        const translated = translateRequest(body, { from, to, model: 'm', stream: false });
        const written = JSON.stringify(translated.body);
        const isCarried = !translated.losses.some(
          ({ kind: loss, field }) => loss === 'dropped' && field.includes(kind),
        );
        const said = `${kind} in ${how}: ${written}`;
        if (isCarried) expect(said).toContain(bytes.toString('base64'));
        else expect(said).not.toContain(bytes.toString('base64url').slice(0, 20));
      }
});
