import { describe, expect, test } from 'bun:test';
import { writeRequest } from '../../../test/codec-runs.ts';
import { text, user } from '../../../test/messages.ts';
import type { Loss } from '../codec.ts';
import type { Json, JsonObject } from '../json.ts';
import { asObjects } from '../json-members.ts';
import type { Message } from '../model.ts';
import type { ModelTraits } from '../model-traits.ts';
import type { Request } from '../request.ts';
import { openaiChat as codec } from './index.ts';

function encode(
  request: Partial<Request>,
  model = 'some-model',
  traits?: ModelTraits,
): { body: JsonObject; losses: Loss[] } {
  return writeRequest(codec, request, { model, ...(traits && { traits }) });
}

describe('a request from another protocol says only what the upstream takes', () => {
  const names = ({ losses }: { losses: Loss[] }): string[] => losses.map(({ field }) => field);

  test('max_completion_tokens goes to reasoning models of OpenAI, max_tokens to all others', () => {
    expect(encode({ maxTokens: 5 }, 'gpt-5.1').body).toMatchObject({ max_completion_tokens: 5 });
    expect(encode({ maxTokens: 5 }, 'openai/o3').body).toMatchObject({ max_completion_tokens: 5 });
    for (const model of ['gpt-4o', 'gpt-oss-120b', 'deepseek-chat'])
      expect(encode({ maxTokens: 5 }, model).body).toMatchObject({ max_tokens: 5 });
  });

  test('a limit above what the model writes is lowered, and told', () => {
    const encoded = encode({ maxTokens: 64_000 }, 'some-model', { maxOutputTokens: 8192 });
    expect(encoded.body.max_tokens).toBe(8192);
    expect(names(encoded)).toEqual(['max_tokens']);
  });

  test.each<[NonNullable<Request['reasoning']>, ModelTraits | undefined, string | undefined]>([
    [{ amount: { kind: 'off' } }, undefined, 'none'],
    [{ amount: { kind: 'auto' } }, undefined, 'medium'],
    [{ show: 'auto' }, undefined, 'medium'],
    [{ amount: { kind: 'effort', effort: 'max' } }, undefined, 'max'],
    [{ amount: { kind: 'budget', tokens: 2000 } }, undefined, 'medium'],
    [{ amount: { kind: 'effort', effort: 'high' } }, { reasoning: { kind: 'none' } }, undefined],
    [
      { amount: { kind: 'effort', effort: 'minimal' } },
      { reasoning: { kind: 'levels', levels: ['low', 'high'], canDisable: false, canAuto: false } },
      'low',
    ],
  ])('reasoning %j with %j is the effort %p', (reasoning, traits, effort) => {
    expect<Json | undefined>(encode({ reasoning }, 'some-model', traits).body.reasoning_effort).toEqual(
      effort,
    );
  });

  test('tool results with images: text in tool messages, images behind all of them', () => {
    const image = { type: 'image' as const, source: { kind: 'url' as const, url: 'https://x.test/a.png' } };
    const call = (id: string) => ({
      type: 'tool-call' as const,
      id,
      name: 'f',
      kind: 'function' as const,
      input: '{}',
    });
    const { body } = encode({
      messages: [
        user(text('Hi')),
        { role: 'assistant', parts: [call('a'), call('b')] },
        {
          role: 'user',
          parts: [
            { type: 'tool-result', callId: 'b', content: [{ type: 'text', text: 'B' }] },
            { type: 'tool-result', callId: 'a', content: [{ type: 'text', text: 'A' }, image] },
            { type: 'text', text: 'Go on' },
          ],
        },
      ],
    });
    expect(asObjects(body.messages).slice(2)).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'A' },
      { role: 'tool', tool_call_id: 'b', content: 'B' },
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'https://x.test/a.png' } },
          { type: 'text', text: 'Go on' },
        ],
      },
    ]);
  });

  test('documents keep their bytes and get a name; text is text', () => {
    const parts = [
      {
        type: 'file' as const,
        source: { kind: 'base64' as const, mediaType: 'application/pdf', data: 'JVBERi0=' },
      },
      {
        type: 'file' as const,
        source: { kind: 'text' as const, mediaType: 'text/plain', text: 'é' },
        name: 'n.txt',
      },
    ];
    expect(encode({ messages: [{ role: 'user', parts }] }).body.messages).toEqual([
      {
        role: 'user',
        content: [
          {
            type: 'file',
            file: { filename: 'document.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
          },
          { type: 'text', text: 'n.txt\n\né' },
        ],
      },
    ]);
  });

  test('custom tools go out as functions and their calls with them', () => {
    const request: Partial<Request> = {
      tools: [{ type: 'custom', name: 'patch', description: 'Edits' }],
      toolChoice: { type: 'tool', name: 'patch', kind: 'custom' },
      messages: [
        user(text('Hi')),
        {
          role: 'assistant',
          parts: [{ type: 'tool-call', id: 'c', name: 'patch', kind: 'custom', input: 'a\nb' }],
        },
        {
          role: 'user',
          parts: [{ type: 'tool-result', callId: 'c', content: [{ type: 'text', text: 'ok' }] }],
        },
      ],
    };
    const { body } = encode(request);
    expect(body.tools).toMatchObject([{ type: 'function', function: { name: 'patch' } }]);
    expect(body.tool_choice).toEqual({ type: 'function', function: { name: 'patch' } });
    expect(asObjects(body.messages)[1]).toMatchObject({
      tool_calls: [{ type: 'function', function: { name: 'patch', arguments: '{"input":"a\\nb"}' } }],
    });
  });

  test('a hosted web search becomes web_search_options for search models and is told as lost elsewhere', () => {
    const tools: Request['tools'] = [
      {
        type: 'hosted',
        kind: 'web-search',
        name: 'web_search',
        protocol: 'anthropic-messages',
        value: { type: 'web_search_20250305', name: 'web_search' },
        userLocation: { country: 'FR' },
      },
    ];
    expect(encode({ tools }, 'gpt-4o-search-preview').body).toMatchObject({
      web_search_options: { user_location: { type: 'approximate', approximate: { country: 'FR' } } },
    });
    const lost = encode({ tools }, 'gpt-4o');
    expect(lost.body.tools).toBeUndefined();
    expect(names(lost)).toEqual(['tools.web_search']);
  });

  test('thinking goes back to servers that know it, never to OpenAI', () => {
    const messages: Message[] = [
      user(text('Hi')),
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Hmm' },
          { type: 'text', text: 'Yes' },
        ],
      },
    ];
    expect(asObjects(encode({ messages }, 'deepseek-chat').body.messages)[1]).toMatchObject({
      reasoning_content: 'Hmm',
    });
    const openai = encode({ messages }, 'gpt-5.1');
    expect(JSON.stringify(openai.body)).not.toContain('Hmm');
    expect(names(openai)).toEqual(['messages.reasoning']);
  });

  test('what has no place is told', () => {
    const encoded = encode({
      topK: 5,
      metadata: { user_id: 'u' },
      verbosity: 'low',
      promptCacheKey: 'k',
      serviceTier: 'standard_only',
      messages: [
        user(text('Hi')),
        { role: 'user', parts: [{ type: 'native', protocol: 'gemini', value: { executableCode: {} } }] },
      ],
      extra: { protocol: 'anthropic-messages', fields: { container: 'c' } },
    });
    expect(names(encoded).sort()).toEqual([
      'container',
      'messages.part',
      'metadata',
      'prompt_cache_key',
      'service_tier',
      'top_k',
      'verbosity',
    ]);
  });
});
