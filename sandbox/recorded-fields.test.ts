/** The sandbox's own answers hold what the providers' recorded answers of today hold, field by field. */
import { afterAll, describe, expect, test } from 'bun:test';
import { type Exchange, exchanges, hasSharedCorpus } from '../test/corpus.ts';
import { isObject, type Json, parseJson } from './json.ts';
import { asObject } from './json-members.ts';
import { startSandbox } from './start.ts';

const sandbox = startSandbox({ pace: 0, keep: 0 });
afterAll(() => sandbox.stop());

/** How often objects at one place were seen, and how often each of their fields. */
interface Place {
  objects: number;
  fields: Map<string, number>;
}
type Places = Map<string, Place>;

/** What users put there, or what only some requests ask for. */
const foreign =
  /\.(metadata|arguments|args|input|parsed|logprobs|annotations|citations|groundingMetadata|schema|parameters|properties|obfuscation|moderation|prompt_cache_retention|prompt_cache_options|access_programs|context_management|tool_usage|output_schema)\b/;

/** Counts the object's fields under its place: `whole`, or its event's type; objects in lists go by their `type`. */
function count(value: Json | undefined, place: string, places: Places): void {
  if (foreign.test(place)) return;
  if (Array.isArray(value)) {
    for (const item of value) count(item, `${place}[${isObject(item) ? (item.type ?? '') : ''}]`, places);
    return;
  }
  if (!isObject(value)) return;
  let seen = places.get(place);
  if (seen === undefined) {
    seen = { objects: 0, fields: new Map() };
    places.set(place, seen);
  }
  seen.objects++;
  for (const [field, inner] of Object.entries(value)) {
    seen.fields.set(field, (seen.fields.get(field) ?? 0) + 1);
    // An item that a stream announces or ends goes by its type, too.
    const kind = isObject(inner) && typeof inner.type === 'string' ? `(${inner.type})` : '';
    count(inner, `${place}.${field}${kind}`, places);
  }
}

function countAnswer(body: Json | undefined, sse: string | undefined, places: Places): void {
  if (body !== undefined) count(body, 'whole', places);
  for (const line of sse?.split('\n') ?? []) {
    if (!line.startsWith('data: {')) continue;
    const event = parseJson(line.slice(6));
    if (isObject(event)) count(event, `event ${event.type ?? ''}`, places);
  }
}

/** By its own date, or by that of the recording. */
function isOf2026({ response }: Exchange): boolean {
  const date = Object.entries(response?.headers ?? {}).find(([name]) => name.toLowerCase() === 'date')?.[1];
  const seconds = /"(?:created|created_at)":\s*(\d{10})/.exec(JSON.stringify(response?.body) + response?.sse);
  return date?.includes(' 2026 ') || new Date(Number(seconds?.[1] ?? 0) * 1000).getUTCFullYear() === 2026;
}

function recordedPlaces(protocol: Exchange['protocol'], providers: readonly string[]): Places {
  const places: Places = new Map();
  for (const exchange of exchanges(protocol)) {
    const { provider, endpoint, response } = exchange;
    if (endpoint !== 'generate') continue;
    if (!providers.includes(provider) || response?.status !== 200 || !isOf2026(exchange)) continue;
    countAnswer(response.body, response.sse, places);
  }
  return places;
}

const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const image = 'iVBORw0KGgo=';

type Asked = [path: string, body: object];
const asked: Record<Exchange['protocol'], (says: string, stream: boolean) => Asked> = {
  'openai-chat': (says, stream) => [
    '/v1/chat/completions',
    {
      model: 'sandbox',
      messages: [{ role: 'user', content: says }],
      tools: [{ type: 'function', function: { name: 'weather', parameters: city } }],
      ...(stream && { stream, stream_options: { include_usage: true } }),
    },
  ],
  'openai-responses': (says, stream) => [
    '/v1/responses',
    {
      model: 'sandbox',
      input: says,
      stream,
      reasoning: { effort: 'low', summary: 'auto' },
      include: ['reasoning.encrypted_content'],
      tools: [
        { type: 'function', name: 'weather', parameters: city, strict: false },
        { type: 'custom', name: 'patch' },
      ],
    },
  ],
  'anthropic-messages': (says, stream) => [
    '/v1/messages',
    {
      model: 'sandbox',
      max_tokens: 4000,
      messages: [{ role: 'user', content: says }],
      thinking: { type: 'enabled', budget_tokens: 1024 },
      tools: [{ name: 'weather', input_schema: city }],
      stream,
    },
  ],
  gemini: (says, stream) => [
    `/v1beta/models/sandbox:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    {
      contents: [
        { role: 'user', parts: [{ text: says }, { inlineData: { mimeType: 'image/png', data: image } }] },
      ],
      generationConfig: { thinkingConfig: { includeThoughts: true } },
      tools: [{ functionDeclarations: [{ name: 'weather', parameters: city }] }],
    },
  ],
};

async function sandboxPlaces(protocol: Exchange['protocol']): Promise<Places> {
  const places: Places = new Map();
  for (const says of ['Hello', 'call weather', 'call patch with text', 'then call weather', 'please refuse'])
    for (const stream of [false, true]) {
      const [path, body] = asked[protocol](says, stream);
      const response = await fetch(`${sandbox.url}${path}`, {
        method: 'POST',
        headers: { authorization: 'Bearer key', 'x-goog-api-key': 'key', 'anthropic-version': '2023-06-01' },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      expect(response.status, text).toBe(200);
      countAnswer(stream ? undefined : parseJson(text), stream ? text : undefined, places);
    }
  return places;
}

/** Fewer recordings of a place say nothing of the provider's custom. */
const fewest = 3;

/** Fields that most recorded objects of a place have, and none of the sandbox's; and those that all have, and one lacks. */
function missing(recorded: Places, own: Places): string[] {
  const lacks: string[] = [];
  for (const [place, { objects, fields }] of own) {
    const there = recorded.get(place);
    if (there === undefined || there.objects < fewest) continue;
    for (const [field, times] of there.fields) {
      if (foreign.test(`.${field}`)) continue;
      const has = fields.get(field) ?? 0;
      if ((times > there.objects / 2 && has === 0) || (times === there.objects && has < objects))
        lacks.push(`${place}.${field}: ${times} of ${there.objects} recorded, ${has} of ${objects} here`);
    }
  }
  return lacks;
}

describe.if(hasSharedCorpus)('A16: fields of recorded answers of 2026 are in the sandbox’s own', () => {
  test.each([
    ['openai-chat', ['openai-chat']],
    ['openai-responses', ['openai-responses']],
    ['anthropic-messages', ['anthropic']],
    ['gemini', ['gemini']],
  ] as const)('%s', async (protocol, providers) => {
    const recorded = recordedPlaces(protocol, providers);
    expect(recorded.size).toBeGreaterThan(5);
    expect(missing(recorded, await sandboxPlaces(protocol))).toEqual([]);
  });
});

test('A16: the end of a streamed call names the function, as openai-python demands', async () => {
  const [path, body] = asked['openai-responses']('call weather', true);
  const response = await fetch(`${sandbox.url}${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer key' },
    body: JSON.stringify(body),
  });
  const ends = (await response.text())
    .split('\n')
    .filter((line) => line.startsWith('data: {"type":"response.function_call_arguments.done"'))
    .map((line) => asObject(parseJson(line.slice(6)))?.name);
  expect(ends).toEqual(['weather']);
});
