import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { bundleVersion } from './bundle.ts';
import { withFiller } from './filler.ts';
import { publicHeader, publicUrl, withoutSecrets } from './removed-secrets.ts';

/** The body of a request with filler. */
function filled(text: string): string {
  const request = {
    protocol: 'openai-chat',
    operation: 'generate',
    model: 'm',
    stream: false,
    query: '',
    headers: [],
    body: { text },
  } as const;
  const { exchanges } = withFiller({
    bundle: bundleVersion,
    version: '1',
    filler: false,
    exchanges: [{ at: '', request: { ...request, headers: [] }, attempts: [], milliseconds: 1 }],
  });
  return exchanges[0]?.request.body.text ?? '';
}

test('JSON stays JSON, byte for byte as long, with the names of its members', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const next = filled(text);
      expect(Buffer.byteLength(next)).toBe(Buffer.byteLength(text));
      expect(() => JSON.parse(next)).not.toThrow();
    }),
  );
});

test('words that only a protocol has stay in lists, too: what is asked is then asked the same again', () => {
  const body = {
    include: ['reasoning.encrypted_content'],
    modalities: ['text', 'audio'],
    generationConfig: { responseModalities: ['TEXT', 'IMAGE'], responseMimeType: 'application/json' },
    safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
    toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['look_up'] } },
    tools: [{ type: 'mcp', require_approval: 'never', allowed_tools: ['ask'] }],
    cache_control: { type: 'ephemeral', ttl: '1h' },
  };
  expect(JSON.parse(filled(JSON.stringify(body)))).toEqual(body);
});

test('texts have no word left, in JSON within JSON either; words of the protocol stay', () => {
  const body = {
    model: 'gpt-5.5',
    messages: [
      { role: 'user', content: 'Meet Ann in Köln at 5, 你好 😀' },
      {
        role: 'assistant',
        tool_calls: [{ id: 'c1', function: { name: 'look', arguments: '{"where":"Köln","n":5,"ok":true}' } }],
      },
    ],
    metadata: { user_id: 'ann' },
  };
  expect(JSON.parse(filled(JSON.stringify(body)))).toEqual({
    model: 'gpt-5.5',
    messages: [
      { role: 'user', content: 'Xxxx Xxx xx Xéxx xx 1, 字字 😀' },
      {
        role: 'assistant',
        tool_calls: [{ id: 'c1', function: { name: 'look', arguments: '{"where":"Xéxx","n":5,"ok":true}' } }],
      },
    ],
    metadata: { user_id: 'xxx' },
  });
  expect(filled('plain Text 7')).toBe('xxxxx Xxxx 1');
  expect(filled('{"cut off": "Ann')).not.toContain('Ann');
  expect(filled('data: Ann\n\ndata: [DONE]\n\n')).toBe('data: Xxx\n\ndata: [DONE]\n\n');
});

test('secrets go wherever they stand, and the text stays as long', () => {
  const secrets = new Set(['my"own\\secret', 'plain-secret']);
  for (const text of [
    '{"a":"my\\"own\\\\secret"}',
    'x plain-secret y',
    '{"api_key": "short"}',
    '"{\\"password\\": \\"hunter2\\"}"',
    'Bearer sk-ant-REDACTED-0123456789abcdef',
  ]) {
    const next = withoutSecrets(text, secrets);
    expect(Buffer.byteLength(next)).toBe(Buffer.byteLength(text));
    expect(next).not.toMatch(/secret|short|hunter2|0123456789abcdef/);
  }
  expect(publicHeader('x-api-key', 'a', secrets)).toBe('[removed]');
  expect(publicHeader('x-ratelimit-remaining-tokens', '5', secrets)).toBe('5');
  expect(publicHeader('x-forwarded-for', '10.0.0.1', secrets)).toBe('[removed]');
  expect(publicUrl('https://me:pw@box.lan:9/v1/x?key=abc&alt=sse', secrets)).toBe(
    'https://upstream.invalid/v1/x?key=removed&alt=sse',
  );
  expect(publicUrl('https://api.openai.com/v1/responses', secrets)).toBe(
    'https://api.openai.com/v1/responses',
  );
});
