/**
 * Canonical requests, answers and event sequences for property tests: what any codec may be handed.
 * Nothing here is native to one protocol; add `extra` and native parts in the test of the codec that knows them.
 */
import fc from 'fast-check';
import type { Finish, Response, StreamEvent, Usage } from '../src/protocols/answer.ts';
import type { JsonObject } from '../src/protocols/json.ts';
import type {
  AudioPart,
  Citation,
  FilePart,
  ImagePart,
  Message,
  Part,
  ReasoningPart,
  RefusalPart,
  Signature,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../src/protocols/model.ts';
import type {
  HostedTool,
  OutputFormat,
  ReasoningSetting,
  Request,
  Tool,
  ToolChoice,
} from '../src/protocols/request.ts';
import { efforts } from '../src/protocols/request.ts';

// ---------------------------------------------------------------- values

const awkward = fc.constantFrom(
  'line\nbreak',
  '\r\n\t',
  '"quoted" \\ back',
  'data: [DONE]\n\n',
  '\u2028\u2029',
  '👩‍👩‍👧 é 漢字',
  '</system>',
  '{"a":1}',
);

/** Non-empty text: plain, Unicode, and what framing and escaping could trip over. Never only white space. */
const arbitraryText = (): fc.Arbitrary<string> =>
  fc
    .oneof(
      fc.lorem({ maxCount: 6 }),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
      fc.tuple(fc.lorem({ maxCount: 2 }), awkward).map((pair) => pair.join('')),
    )
    .filter((text) => text.trim().length > 0);

const base64 = fc.constantFrom('aGVsbG8=', 'd29ybGQh', 'iVBORw0KGgo=', 'JVBERi0xLjQK', '/+8=');
const scalar = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.integer({ min: -1000, max: 1000 }),
  fc.boolean(),
  fc.constant(null),
);
const key = fc.stringMatching(/^[a-z][a-z_]{0,9}$/);

/** A small JSON object with plain keys, nested once at most. */
const arbitraryObject = (): fc.Arbitrary<JsonObject> =>
  fc
    .dictionary(
      key,
      fc.oneof(
        scalar,
        fc.array(scalar, { maxLength: 3 }),
        fc
          .dictionary(key, scalar, { maxKeys: 2, noNullPrototype: true })
          .map((value): JsonObject => ({ ...value })),
      ),
      { maxKeys: 4, noNullPrototype: true },
    )
    .map((value): JsonObject => ({ ...value }));

const signature: fc.Arbitrary<Signature> = fc.record({
  family: fc.constantFrom('anthropic' as const, 'openai' as const, 'gemini' as const, 'chat' as const),
  value: fc.constantFrom(
    'c2lnbmF0dXJl',
    'EqQBCkYIARgCKkA=',
    'gAAAAABn0000',
    '[{"type":"reasoning.encrypted"}]',
  ),
});

const url = fc.constantFrom('https://example.com/a', 'https://example.org/b?c=d&e=f', 'http://host.test/ü');

// ---------------------------------------------------------------- parts

const text: fc.Arbitrary<TextPart> = arbitraryText().map((value) => ({ type: 'text', text: value }));

const cachedText: fc.Arbitrary<TextPart> = fc
  .tuple(arbitraryText(), fc.constantFrom<{ ttl?: string }>({}, { ttl: '1h' }))
  .map(([value, cache]) => ({ type: 'text', text: value, cache }));

const image: fc.Arbitrary<ImagePart> = fc
  .oneof(
    fc.record({
      kind: fc.constant('base64' as const),
      mediaType: fc.constantFrom('image/png', 'image/jpeg', 'image/webp'),
      data: base64,
    }),
    fc.record({ kind: fc.constant('url' as const), url }),
  )
  .map((source) => ({ type: 'image', source }));

const file: fc.Arbitrary<FilePart> = fc
  .tuple(
    fc.oneof(
      fc.record({
        kind: fc.constant('base64' as const),
        mediaType: fc.constant('application/pdf'),
        data: base64,
      }),
      fc.record({ kind: fc.constant('url' as const), url, mediaType: fc.constant('application/pdf') }),
      fc.record({
        kind: fc.constant('text' as const),
        mediaType: fc.constant('text/plain'),
        text: arbitraryText(),
      }),
    ),
    fc.option(fc.constantFrom('paper.pdf', 'notes.txt'), { nil: undefined }),
  )
  .map(([source, name]) => ({ type: 'file', source, ...(name !== undefined && { name }) }));

const audio: fc.Arbitrary<AudioPart> = base64.map((data) => ({
  type: 'audio',
  source: { kind: 'base64', mediaType: 'audio/wav', data },
}));

/** Thinking with text, with a signature only, or hidden. */
const arbitraryReasoning = (): fc.Arbitrary<ReasoningPart> =>
  fc.oneof(
    arbitraryText().map((value): ReasoningPart => ({ type: 'reasoning', text: value })),
    fc
      .tuple(arbitraryText(), signature)
      .map(([value, signed]): ReasoningPart => ({ type: 'reasoning', text: value, signature: signed })),
    signature.map((signed): ReasoningPart => ({ type: 'reasoning', text: '', signature: signed })),
    fc.constantFrom('cmVkYWN0ZWQ=', 'aGlkZGVu').map(
      (value): ReasoningPart => ({
        type: 'reasoning',
        text: '',
        redacted: true,
        signature: { family: 'anthropic', value },
      }),
    ),
  );

const citation: fc.Arbitrary<Citation> = fc.record({ url, title: fc.constantFrom('A page', 'Überschrift') });

const citedText: fc.Arbitrary<TextPart> = fc
  .tuple(arbitraryText(), fc.array(citation, { minLength: 1, maxLength: 3 }))
  .map(([value, citations]) => ({
    type: 'text',
    text: value,
    citations: citations.map((item) => ({ ...item, start: 0, end: value.length })),
  }));

const refusal: fc.Arbitrary<RefusalPart> = arbitraryText().map((value) => ({ type: 'refusal', text: value }));

// ---------------------------------------------------------------- tools

const toolName = fc.oneof(
  fc.stringMatching(/^[a-z][a-z_]{2,11}$/),
  fc.constantFrom('mcp__server__do-it', 'files.read', 'has space', '1st', 'très_long', 'n'.repeat(100)),
);

const functionTool = (name: string): fc.Arbitrary<Tool> =>
  fc.record(
    {
      type: fc.constant('function' as const),
      name: fc.constant(name),
      description: arbitraryText(),
      parameters: fc.array(key, { maxLength: 3 }).map(
        (names): JsonObject => ({
          type: 'object',
          properties: Object.fromEntries(names.map((property) => [property, { type: 'string' }])),
        }),
      ),
      strict: fc.boolean(),
    },
    { requiredKeys: ['type', 'name'], noNullPrototype: true },
  );

const customTool = (name: string): fc.Arbitrary<Tool> =>
  fc.record(
    { type: fc.constant('custom' as const), name: fc.constant(name), description: arbitraryText() },
    { requiredKeys: ['type', 'name'], noNullPrototype: true },
  );

const hostedTool: fc.Arbitrary<HostedTool> = fc.constantFrom<HostedTool>(
  {
    type: 'hosted',
    kind: 'web-search',
    name: 'web_search',
    protocol: 'openai-responses',
    value: { type: 'web_search' },
    allowedDomains: ['example.com'],
  },
  {
    type: 'hosted',
    kind: 'web-search',
    name: 'web_search_20250305',
    protocol: 'anthropic-messages',
    value: { type: 'web_search_20250305', name: 'web_search', max_uses: 3 },
    maxUses: 3,
  },
  {
    type: 'hosted',
    kind: 'code-execution',
    name: 'codeExecution',
    protocol: 'gemini',
    value: { codeExecution: {} },
  },
);

const tools: fc.Arbitrary<Tool[]> = fc
  .uniqueArray(toolName, { maxLength: 4 })
  .chain((names) =>
    fc.tuple(
      fc.tuple(
        ...names.map((name) =>
          fc.oneof({ weight: 4, arbitrary: functionTool(name) }, { weight: 1, arbitrary: customTool(name) }),
        ),
      ),
      fc.oneof(
        { weight: 4, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: hostedTool.map((tool) => [tool]) },
      ),
    ),
  )
  .map(([own, hosted]): Tool[] => [...own, ...hosted]);

const call = (id: string, callable: readonly Tool[]): fc.Arbitrary<ToolCallPart> =>
  fc
    .tuple(
      fc.constantFrom(...callable),
      arbitraryObject(),
      arbitraryText(),
      fc.option(signature, { freq: 5 }),
    )
    .map(([tool, input, free, signed]) => ({
      type: 'tool-call',
      id,
      name: tool.name,
      kind: tool.type === 'custom' ? 'custom' : 'function',
      input: tool.type === 'custom' ? free : JSON.stringify(input),
      ...(signed !== null && { signature: signed }),
    }));

const result = (of: ToolCallPart): fc.Arbitrary<ToolResultPart> =>
  fc
    .tuple(
      fc.array(fc.oneof({ weight: 4, arbitrary: text }, { weight: 1, arbitrary: image }), {
        minLength: 1,
        maxLength: 2,
      }),
      fc.constantFrom({}, { isError: true }),
    )
    .map(([content, error]) => ({
      type: 'tool-result',
      callId: of.id,
      name: of.name,
      kind: of.kind,
      content,
      ...error,
    }));

// ---------------------------------------------------------------- requests

const callable = (offered: readonly Tool[]): Tool[] => offered.filter((tool) => tool.type !== 'hosted');

/** A user turn, and the assistant turn and tool results that follow it. */
const exchange = (offered: readonly Tool[], turn: number): fc.Arbitrary<Message[]> => {
  const own = callable(offered);
  const user = fc
    .array(
      fc.oneof(
        { weight: 5, arbitrary: text },
        { weight: 1, arbitrary: cachedText },
        { weight: 1, arbitrary: image },
        { weight: 1, arbitrary: file },
        { weight: 1, arbitrary: audio },
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((parts): Message => ({ role: 'user', parts }));
  const calls: fc.Arbitrary<ToolCallPart[]> =
    own.length === 0
      ? fc.constant([])
      : fc
          .integer({ min: 0, max: 2 })
          .chain((count) =>
            fc.tuple(...Array.from({ length: count }, (_, i) => call(`call_${turn}_${i}`, own))),
          );
  const assistant = fc.tuple(
    fc.array(arbitraryReasoning(), { maxLength: 1 }),
    fc.array(fc.oneof({ weight: 5, arbitrary: text }, { weight: 1, arbitrary: citedText }), { maxLength: 2 }),
    calls,
  );
  return fc.tuple(user, assistant).chain(([asked, [reasoning, texts, called]]) => {
    const parts: Part[] = [...reasoning, ...texts, ...called];
    if (parts.length === 0) return fc.constant([asked]);
    const answer: Message[] = [asked, { role: 'assistant', parts }];
    if (called.length === 0) return fc.constant(answer);
    return fc
      .tuple(...called.map(result))
      .map((results): Message[] => [...answer, { role: 'user', parts: results }]);
  });
};

const messages = (offered: readonly Tool[]): fc.Arbitrary<Message[]> =>
  fc
    .tuple(
      fc.array(
        fc
          .tuple(
            fc.constantFrom('system' as const, 'developer' as const),
            fc.array(text, { minLength: 1, maxLength: 2 }),
          )
          .map(([role, parts]): Message => ({ role, parts })),
        { maxLength: 2 },
      ),
      fc
        .integer({ min: 0, max: 3 })
        .chain((count) => fc.tuple(...Array.from({ length: count }, (_, turn) => exchange(offered, turn)))),
      fc.array(text, { minLength: 1, maxLength: 2 }),
    )
    .map(([system, exchanges, last]): Message[] => [
      ...system,
      ...exchanges.flat(),
      { role: 'user', parts: last },
    ]);

const reasoningSetting: fc.Arbitrary<ReasoningSetting> = fc.record(
  {
    amount: fc.oneof(
      fc.constantFrom({ kind: 'off' as const }, { kind: 'auto' as const }),
      fc.record({ kind: fc.constant('effort' as const), effort: fc.constantFrom(...efforts) }),
      fc.record({ kind: fc.constant('budget' as const), tokens: fc.integer({ min: 1, max: 60_000 }) }),
    ),
    show: fc.constantFrom('none' as const, 'auto' as const, 'concise' as const, 'detailed' as const),
  },
  { requiredKeys: [], noNullPrototype: true },
);

const output: fc.Arbitrary<OutputFormat> = fc.oneof(
  fc.constantFrom<OutputFormat>({ type: 'text' }, { type: 'json' }),
  key.map(
    (property): OutputFormat => ({
      type: 'json-schema',
      name: 'answer',
      schema: {
        type: 'object',
        properties: { [property]: { type: 'string' } },
        required: [property],
        additionalProperties: false,
      },
    }),
  ),
);

const toolChoice = (offered: readonly Tool[]): fc.Arbitrary<ToolChoice> => {
  const own = callable(offered);
  const plain = fc.constantFrom<ToolChoice>({ type: 'auto' }, { type: 'none' }, { type: 'required' });
  if (own.length === 0) return plain;
  return fc.oneof(
    plain,
    fc.constantFrom(...own).map(
      (tool): ToolChoice => ({
        type: 'tool',
        name: tool.name,
        kind: tool.type === 'custom' ? 'custom' : 'function',
      }),
    ),
    fc.tuple(fc.subarray(own, { minLength: 1 }), fc.boolean()).map(
      ([chosen, required]): ToolChoice => ({
        type: 'allowed',
        names: chosen.map((tool) => tool.name),
        required,
      }),
    ),
  );
};

/**
 * A request that a decoder could have made: system text first, then turns that begin and end with the user,
 * calls answered in the next message, and any mix of settings.
 */
export function arbitraryRequest(): fc.Arbitrary<Request> {
  return tools.chain((offered): fc.Arbitrary<Request> => {
    const own = callable(offered);
    const withTools = fc.record(
      {
        tools: fc.constant(offered),
        toolChoice: toolChoice(offered),
        parallelToolCalls: fc.boolean(),
      },
      { requiredKeys: ['tools'], noNullPrototype: true },
    );
    const settings = fc.record(
      {
        model: fc.constant('model-1'),
        stream: fc.boolean(),
        messages: messages(own),
        maxTokens: fc.integer({ min: 1, max: 64_000 }),
        temperature: fc.constantFrom(0, 0.2, 0.7, 1, 1.5, 2),
        topP: fc.constantFrom(0.1, 0.9, 1),
        topK: fc.integer({ min: 1, max: 100 }),
        stop: fc.uniqueArray(arbitraryText(), { minLength: 1, maxLength: 3 }),
        seed: fc.nat(),
        presencePenalty: fc.constantFrom(-1, 0, 0.5),
        frequencyPenalty: fc.constantFrom(-1, 0, 0.5),
        n: fc.constant(1),
        reasoning: reasoningSetting,
        output,
        verbosity: fc.constantFrom('low', 'medium', 'high'),
        serviceTier: fc.constantFrom('auto', 'default', 'priority'),
        user: fc.constant('user-1'),
        promptCacheKey: fc.constant('cache-1'),
      },
      { requiredKeys: ['model', 'stream', 'messages'], noNullPrototype: true },
    );
    return offered.length === 0
      ? settings
      : fc.tuple(settings, withTools).map(([base, extra]) => ({ ...base, ...extra }));
  });
}

// ---------------------------------------------------------------- responses

const usage: fc.Arbitrary<Usage> = fc
  .record(
    {
      fresh: fc.nat(5000),
      output: fc.integer({ min: 1, max: 5000 }),
      cacheRead: fc.nat(5000),
      cacheWrite: fc.nat(5000),
      reasoning: fc.nat(5000),
    },
    { requiredKeys: ['fresh', 'output'], noNullPrototype: true },
  )
  .map(({ fresh, output: written, ...rest }) => ({
    ...rest,
    input: fresh + (rest.cacheRead ?? 0) + (rest.cacheWrite ?? 0),
    output: written + (rest.reasoning ?? 0),
  }));

const answerTools: readonly Tool[] = [
  { type: 'function', name: 'get_weather', parameters: { type: 'object', properties: {} } },
  { type: 'function', name: 'read', parameters: { type: 'object', properties: {} } },
];

/** The request that {@link arbitraryResponse} and {@link arbitraryEvents} answer: it offers the tools they call. */
export const answeredRequest: Request = {
  model: 'model-1',
  stream: true,
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
  tools: [...answerTools],
  // Claude's clients are told of thinking if they asked for it.
  reasoning: { amount: { kind: 'auto' } },
};

/** A whole answer: thinking, text, citations, refusals and calls of {@link answeredRequest}'s tools. */
export function arbitraryResponse(): fc.Arbitrary<Response> {
  const calls = fc
    .integer({ min: 0, max: 3 })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => call(`call_${i}`, answerTools))));
  const parts = fc
    .tuple(
      fc.array(arbitraryReasoning(), { maxLength: 2 }),
      fc.array(
        fc.oneof(
          { weight: 6, arbitrary: text },
          { weight: 2, arbitrary: citedText },
          { weight: 1, arbitrary: refusal },
        ),
        { maxLength: 3 },
      ),
      calls,
    )
    .map(([reasoning, texts, called]): Part[] => [...reasoning, ...texts, ...called])
    .filter((all) => all.length > 0);
  return fc
    .tuple(
      parts,
      fc.constantFrom<Finish>(
        { reason: 'stop' },
        { reason: 'length' },
        { reason: 'stop-sequence', stopSequence: 'END' },
        { reason: 'content-filter' },
      ),
      fc.option(usage, { nil: undefined }),
    )
    .map(([all, finish, counted]) => ({
      id: 'resp-1',
      model: 'model-1',
      created: 1_750_000_000,
      parts: all,
      finish: all.some((part) => part.type === 'tool-call')
        ? { reason: 'tool-calls' }
        : all.some((part) => part.type === 'refusal')
          ? { reason: 'content-filter' }
          : finish,
      ...(counted !== undefined && { usage: counted }),
    }));
}

// ---------------------------------------------------------------- events

/** The text cut at arbitrary places, never inside a surrogate pair. */
const cut = (value: string): fc.Arbitrary<string[]> =>
  value.length === 0
    ? fc.constant([])
    : fc.array(fc.nat(value.length), { maxLength: 4 }).map((places) => {
        const ends = [...new Set(places.filter((at) => !/[\udc00-\udfff]/.test(value.charAt(at))))];
        const cuts = [0, ...ends.filter((at) => at > 0 && at < value.length).sort((a, b) => a - b)];
        return cuts.map((from, i) => value.slice(from, cuts[i + 1] ?? value.length));
      });

function eventsOf(part: Part, index: number): fc.Arbitrary<StreamEvent[]> {
  const deltas = (value: string): fc.Arbitrary<StreamEvent[]> =>
    cut(value).map((pieces) => pieces.map((piece): StreamEvent => ({ type: 'delta', index, text: piece })));
  const around = (begin: Part, middle: StreamEvent[]): StreamEvent[] => [
    { type: 'part-start', index, part: begin },
    ...middle,
    { type: 'part-end', index },
  ];
  switch (part.type) {
    case 'text': {
      const { citations = [], text: whole, ...rest } = part;
      const cited = citations.map((item): StreamEvent => ({ type: 'citation', index, citation: item }));
      return deltas(whole).map((body) => around({ ...rest, text: '' }, [...body, ...cited]));
    }
    case 'reasoning': {
      if (part.redacted) return fc.constant(around(part, []));
      const { signature: signed, text: whole, ...rest } = part;
      const proof: StreamEvent[] =
        signed === undefined ? [] : [{ type: 'signature', index, signature: signed }];
      return deltas(whole).map((body) => around({ ...rest, text: '' }, [...body, ...proof]));
    }
    case 'refusal':
      return deltas(part.text).map((body) => around({ ...part, text: '' }, body));
    case 'tool-call':
      return deltas(part.input).map((body) => around({ ...part, input: '' }, body));
    default:
      return fc.constant(around(part, []));
  }
}

/** Merges the parts' events: each part keeps its own order, parts begin in the order of their indexes. */
function weave(lanes: readonly StreamEvent[][], picks: readonly number[]): StreamEvent[] {
  const rest = lanes.map((lane) => [...lane]);
  const woven: StreamEvent[] = [];
  let open = 1;
  for (let step = 0; rest.some((lane) => lane.length > 0); step++) {
    const ready = rest.slice(0, open).filter((lane) => lane.length > 0);
    const lane = ready.length === 0 ? rest[open] : ready[(picks[step % picks.length] ?? 0) % ready.length];
    const event = lane?.shift();
    if (event !== undefined) woven.push(event);
    const begun = rest.filter((events, i) => events.length < (lanes[i]?.length ?? 0)).length;
    open = Math.min(rest.length, begun + 1);
  }
  return woven;
}

/**
 * A well-formed event sequence that ends with `end`: `start`, the parts' events (interleaved in half of the cases),
 * usage before or after `finish`. `foldEvents` gives the answer that it tells.
 */
export function arbitraryEvents(): fc.Arbitrary<StreamEvent[]> {
  return arbitraryResponse().chain((response) =>
    fc
      .tuple(
        fc.tuple(...response.parts.map(eventsOf)),
        fc.oneof(fc.constant([0]), fc.array(fc.nat(7), { minLength: 3, maxLength: 12 })),
        fc.boolean(),
      )
      .map(([lanes, picks, usageLast]): StreamEvent[] => {
        const finish: StreamEvent = { type: 'finish', finish: response.finish };
        const counted: StreamEvent[] =
          response.usage === undefined ? [] : [{ type: 'usage', usage: response.usage }];
        return [
          { type: 'start', id: response.id, model: response.model, created: response.created },
          ...weave(lanes, picks),
          ...(usageLast ? [finish, ...counted] : [...counted, finish]),
          { type: 'end' },
        ];
      }),
  );
}
