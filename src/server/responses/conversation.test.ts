import { describe, expect, test } from 'bun:test';
import type { ClientRequest } from '../../gateway/answer.ts';
import { type JsonObject, parseJson } from '../../protocols/json.ts';
import { type ConversationStore, continueConversation, type UpstreamStorage } from './conversation.ts';

function requestOf(body: JsonObject): ClientRequest {
  return {
    id: 'req_1',
    protocol: 'openai-responses',
    operation: 'generate',
    model: 'model',
    stream: false,
    body: new TextEncoder().encode(JSON.stringify({ model: 'model', ...body })),
    modelSpan: undefined,
    query: '',
    headers: new Headers(),
    signal: new AbortController().signal,
    receivedAt: 0,
  };
}

const said: JsonObject[] = [
  { role: 'user', content: 'Think.' },
  { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'sealed' },
  { type: 'reasoning', id: 'rs_2', summary: [] },
  { type: 'message', id: 'msg_1', status: 'completed', role: 'assistant', content: [] },
];

const memory: ConversationStore = {
  conversation: async (id) => (id === 'resp_ours' || id === 'resp_both' ? said : undefined),
  native: (id) => id === 'resp_both',
  knows: (id) => id === 'resp_ours' || id === 'resp_both',
  items: async (ids) =>
    new Map(said.flatMap((item) => (ids.includes(String(item.id)) ? [[String(item.id), item]] : []))),
};

const none: UpstreamStorage = { some: false, every: false };
const some: UpstreamStorage = { some: true, every: false };
const all: UpstreamStorage = { some: true, every: true };

/** What goes on: the client's own request, the same for providers that keep answers only, its new input, or an error's field. */
async function wayOf(body: JsonObject, upstream: UpstreamStorage): Promise<unknown> {
  const request = requestOf(body);
  const continued = await continueConversation(request, memory, () => upstream);
  if (!continued.ok) return { refused: continued.error.param };
  if (continued.request === request) return 'untouched';
  if (continued.request.body === request.body && continued.request.mayUse !== undefined)
    return 'keepers only';
  const written = parseJson(new TextDecoder().decode(continued.request.body));
  return { written };
}

const written = (...input: JsonObject[]) => ({ written: { model: 'model', input } });
const [asked, sealed, , message] = said;
const replayed = [asked ?? {}, sealed ?? {}, { type: 'message', role: 'assistant', content: [] }];
const next = { role: 'user', content: 'On.' };

describe.each([
  { upstreams: 'no provider', upstream: none },
  { upstreams: 'one of two providers', upstream: some },
  { upstreams: 'every provider', upstream: all },
])('where $upstreams keeps answers', ({ upstream }) => {
  const by = (ways: { none: unknown; some: unknown; all: unknown }): unknown =>
    upstream === none ? ways.none : upstream === some ? ways.some : ways.all;
  const unknown = (param: string) => by({ none: { refused: param }, some: 'keepers only', all: 'untouched' });

  test.each<{ what: string; body: JsonObject; way: unknown }>([
    { what: 'a request that stands for itself', body: { input: 'On.' }, way: 'untouched' },
    { what: 'one that says so', body: { input: 'On.', store: false }, way: 'untouched' },
    {
      what: 'an answer that is known here only',
      body: { input: 'On.', previous_response_id: 'resp_ours' },
      way: written(...replayed, next),
    },
    {
      what: 'an answer that the provider knows too',
      body: { input: [next], previous_response_id: 'resp_both' },
      way: by({
        none: written(...replayed, next),
        some: written(...replayed, next),
        all: 'untouched',
      }),
    },
    {
      what: 'an answer that is not known here',
      body: { input: 'On.', previous_response_id: 'resp_theirs' },
      way: unknown('previous_response_id'),
    },
    {
      what: 'an item that is known here',
      body: { input: [{ type: 'item_reference', id: 'msg_1' }, next] },
      way: by({
        none: written({ type: 'message', role: 'assistant', content: message?.content ?? null }, next),
        some: written({ type: 'message', role: 'assistant', content: message?.content ?? null }, next),
        all: 'untouched',
      }),
    },
    {
      what: 'an item that is not known here',
      body: { input: [{ type: 'item_reference', id: 'msg_theirs' }, next] },
      way: unknown('input'),
    },
    {
      what: 'a conversation that the provider keeps',
      body: { input: 'On.', conversation: { id: 'conv_1' } },
      way: unknown('conversation'),
    },
    { what: 'no conversation', body: { input: 'On.', conversation: null }, way: 'untouched' },
    {
      what: 'an answer in the background',
      body: { input: 'On.', background: true },
      way: by({ none: 'untouched', some: 'keepers only', all: 'untouched' }),
    },
    {
      what: 'an answer in the background to one that is known here only',
      body: { input: 'On.', previous_response_id: 'resp_ours', background: true },
      way: by({
        none: { written: { model: 'model', background: true, input: [...replayed, next] } },
        some: { written: { model: 'model', background: true, input: [...replayed, next] } },
        all: { written: { model: 'model', background: true, input: [...replayed, next] } },
      }),
    },
    { what: 'none in the background', body: { input: 'On.', background: false }, way: 'untouched' },
  ])('$what', async ({ body, way }) => {
    expect(await wayOf(body, upstream)).toEqual(way);
  });
});

test('an answer within the conversation of a provider can be gone on from only there', async () => {
  const request = requestOf({ input: 'On.', conversation: 'conv_1' });
  const continued = await continueConversation(request, memory, () => all);
  expect(continued).toMatchObject({ ok: true, previous: 'conv_1' });
  expect(await memory.conversation('conv_1')).toBeUndefined();
});

test('what is longer than a request may be is not written out, and the error says so', async () => {
  for (const part of ['conversation', 'items'] as const) {
    const long: ConversationStore = { ...memory, [part]: async () => 'too-long' };
    const input = [{ type: 'item_reference', id: 'msg_1' }];
    const request = requestOf({ input, previous_response_id: 'resp_ours' });
    const continued = await continueConversation(request, long, () => none);
    const error = continued.ok ? undefined : continued.error;
    expect([part, error?.status]).toEqual([part, 413]);
    expect(error?.message).toContain('bounds.unpacked-request');
  }
});
