import { describe, expect, test } from 'bun:test';
import { protocols } from '../../src/protocols/model.ts';
import type { Operation } from '../../src/protocols/operation.ts';
import type { AccountKind } from '../../src/providers/registry.ts';
import { ask, gatewayWith, jsonIn, noon, scriptedSource, textOf } from './accounts.ts';
import { callOf } from './calls.ts';
import { type Asked, chatAnswer, chatStream, startUpstream } from './upstream.ts';

const question = { protocol: 'openai-chat', model: 'qwen3-coder-plus' } as const;
const expired = (): Response =>
  Response.json({ error: { message: 'The token has expired.' } }, { status: 401 });

/** Takes one token only. */
const taking = (token: string) => (asked: Asked) => {
  if (asked.key !== token) return expired();
  return new TextDecoder().decode(asked.body).includes('"stream":true') ? chatStream('Hi') : chatAnswer('Hi');
};

describe('an upstream that no longer takes the token', () => {
  test.each(protocols.flatMap((protocol) => [false, true].map((stream) => ({ protocol, stream }))))(
    '$protocol, stream $stream: one renewal, the same request once more, answered',
    async ({ protocol, stream }) => {
      using upstream = startUpstream(taking('token-2'));
      const source = scriptedSource('token-1', [{ ok: true, token: 'token-2' }]);
      const gateway = gatewayWith([{ kind: 'qwen', url: upstream.url, source }]);
      const answered = await ask(gateway, { ...question, protocol, stream });
      expect(answered.status).toBe(200);
      expect(await textOf(answered)).toContain('Hi');
      expect(source.rejected).toEqual(['token-1']);
      const [first, second] = upstream.asked;
      expect(upstream.asked.map(({ key }) => key)).toEqual(['token-1', 'token-2']);
      expect(second?.body).toEqual(first?.body ?? new Uint8Array());
    },
  );

  test.each([
    { operation: 'count-tokens', path: 'count_tokens', answer: { input_tokens: 7 } },
    {
      operation: 'generate',
      path: 'messages',
      answer: { type: 'message', content: [], stop_reason: 'end_turn', usage: {} },
    },
  ] satisfies { operation: Operation; path: string; answer: object }[])(
    'Claude, $operation: the same',
    async ({ operation, path, answer }) => {
      using upstream = startUpstream(({ key }) => (key === 'token-2' ? Response.json(answer) : expired()));
      const source = scriptedSource('token-1', [{ ok: true, token: 'token-2' }]);
      const gateway = gatewayWith([{ kind: 'claude', url: upstream.url, source }]);
      const model = 'claude-sonnet-5';
      const answered = await ask(gateway, { protocol: 'anthropic-messages', model, operation });
      expect(answered.status).toBe(200);
      expect(upstream.asked.map(({ path: asked }) => asked.includes(path))).toEqual([true, true]);
    },
  );

  test('a second refusal counts: no further renewal, the next credential answers', async () => {
    using refusing = startUpstream(expired);
    using upstream = startUpstream(taking('good'));
    const source = scriptedSource('token-1', [{ ok: true, token: 'token-2' }]);
    const gateway = gatewayWith([
      { kind: 'qwen', url: refusing.url, source, label: 'first' },
      { kind: 'qwen', url: upstream.url, source: scriptedSource('good'), label: 'second' },
    ]);
    expect((await ask(gateway, question)).status).toBe(200);
    expect(refusing.asked.map(({ key }) => key)).toEqual(['token-1', 'token-2']);
    expect(upstream.asked.length).toBe(1);
  });

  test('a renewal that fails leads to the next credential', async () => {
    using refusing = startUpstream(expired);
    using upstream = startUpstream(taking('good'));
    const source = scriptedSource('token-1', [{ ok: false, message: 'no answer', signInAgain: false }]);
    const gateway = gatewayWith([
      { kind: 'qwen', url: refusing.url, source, label: 'first' },
      { kind: 'qwen', url: upstream.url, source: scriptedSource('good'), label: 'second' },
    ]);
    expect((await ask(gateway, question)).status).toBe(200);
    expect(refusing.asked.length).toBe(1);
  });

  test('with nobody else, the client reads whose login has ended and what to type', async () => {
    using upstream = startUpstream(expired);
    const source = scriptedSource('token-1', [{ ok: false, message: 'invalid_grant', signInAgain: true }]);
    const gateway = gatewayWith([{ kind: 'qwen', url: upstream.url, source, label: 'me@example.org' }]);
    const answered = await ask(gateway, question);
    expect(answered.status).toBe(401);
    expect(callOf('openai-chat').errorOf(await jsonIn(answered)).message).toBe(
      'The Qwen account is no longer signed in; sign in again: cli-proxy-api auth qwen (invalid_grant)',
    );
  });

  test('a renewal that could not be made is told as what it is', async () => {
    using upstream = startUpstream(expired);
    const source = scriptedSource('token-1', [{ ok: false, message: 'no answer', signInAgain: false }]);
    const gateway = gatewayWith([{ kind: 'qwen', url: upstream.url, source, label: 'me@example.org' }]);
    const answered = await ask(gateway, question);
    expect(answered.status).toBe(503);
    expect(await textOf(answered)).toContain('The token of the Qwen account could not be renewed: no answer');
  });
});

test('a token that has run out is renewed before anything is asked', async () => {
  using upstream = startUpstream(taking('token-2'));
  const source = scriptedSource(undefined, [{ ok: true, token: 'token-2' }]);
  const gateway = gatewayWith([{ kind: 'qwen', url: upstream.url, source }]);
  expect((await ask(gateway, question)).status).toBe(200);
  expect(source.rejected).toEqual([undefined]);
  expect(upstream.asked.map(({ key }) => key)).toEqual(['token-2']);
});

test('a key that is refused is not renewed', async () => {
  using upstream = startUpstream(expired);
  const gateway = gatewayWith([{ kind: 'qwen', url: upstream.url, more: { secret: 'key' } }]);
  expect((await ask(gateway, question)).status).toBe(401);
  expect(upstream.asked.length).toBe(1);
});

test("xAI's 403 bad-credentials is a refused token", async () => {
  using upstream = startUpstream(({ key }) =>
    key === 'token-2'
      ? Response.json({ id: 'r', object: 'response', status: 'completed', output: [] })
      : Response.json({ code: 'bad-credentials', error: 'The token is not valid.' }, { status: 403 }),
  );
  const source = scriptedSource('token-1', [{ ok: true, token: 'token-2' }]);
  const gateway = gatewayWith([{ kind: 'xai', url: upstream.url, source }]);
  expect((await ask(gateway, { protocol: 'openai-responses', model: 'grok-4' })).status).toBe(200);
  expect(source.rejected).toEqual(['token-1']);
});

interface RefusalRow {
  says: string;
  kind: AccountKind;
  model: string;
  status: number;
  body: object | string;
  headers?: Record<string, string>;
  expected: { status: number; wait: number | undefined; words: readonly string[] };
}

const google = (message: string, details: object[], code = 403) => ({
  error: { code, message, status: code === 429 ? 'RESOURCE_EXHAUSTED' : 'PERMISSION_DENIED', details },
});

const rows: readonly RefusalRow[] = [
  {
    says: 'Codex: the limit of the plan, until the moment it names',
    kind: 'codex',
    model: 'gpt-5.1',
    status: 429,
    body: {
      error: { type: 'usage_limit_reached', message: 'Limit reached.', resets_at: noon / 1000 + 5400 },
    },
    expected: { status: 429, wait: 5400, words: ['Limit reached.'] },
  },
  {
    says: 'Codex: the limit of the plan, in seconds',
    kind: 'codex',
    model: 'gpt-5.1',
    status: 429,
    body: { error: { type: 'usage_limit_reached', message: 'Limit reached.', resets_in_seconds: 77 } },
    expected: { status: 429, wait: 77, words: ['Limit reached.'] },
  },
  {
    says: 'Codex: a guard before the API',
    kind: 'codex',
    model: 'gpt-5.1',
    status: 403,
    body: '<html><head><title>Just a moment...</title></head></html>',
    expected: { status: 403, wait: undefined, words: ['Just a moment...', 'try another network'] },
  },
  {
    says: 'Google: RetryInfo',
    kind: 'gemini',
    model: 'gemini-2.5-pro',
    status: 429,
    body: google(
      'Slow down.',
      [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '12.5s' }],
      429,
    ),
    expected: { status: 429, wait: 13, words: ['Slow down.'] },
  },
  {
    says: 'Google: quotaResetDelay',
    kind: 'antigravity',
    model: 'gemini-3-flash',
    status: 429,
    body: google('Used up.', [{ reason: 'QUOTA_EXHAUSTED', metadata: { quotaResetDelay: '1h2m3.5s' } }], 429),
    expected: { status: 429, wait: 3724, words: ['Used up.'] },
  },
  {
    says: 'Google: the wait is in the message only',
    kind: 'gemini',
    model: 'gemini-2.5-pro',
    status: 429,
    body: google('You have exhausted your capacity. Your quota will reset after 39s.', [], 429),
    expected: { status: 429, wait: 39, words: ['exhausted your capacity'] },
  },
  {
    says: 'Google: the account is to be verified, and where',
    kind: 'gemini',
    model: 'gemini-2.5-pro',
    status: 403,
    body: google('Verify your account to continue.', [
      {
        reason: 'VALIDATION_REQUIRED',
        metadata: { validation_url: 'https://accounts.google.com/verify?x=1' },
      },
    ]),
    expected: {
      status: 403,
      wait: undefined,
      words: ['Verify your account to continue. (Gemini CLI: open https://accounts.google.com/verify?x=1'],
    },
  },
  {
    says: 'Claude: the latest of the windows that are used up',
    kind: 'claude',
    model: 'claude-sonnet-5',
    status: 429,
    headers: {
      'anthropic-ratelimit-unified-5h-status': 'allowed',
      'anthropic-ratelimit-unified-5h-reset': String(noon / 1000 + 9000),
      'anthropic-ratelimit-unified-7d-status': 'rejected',
      'anthropic-ratelimit-unified-7d-reset': String(noon / 1000 + 600),
    },
    body: { type: 'error', error: { type: 'rate_limit_error', message: 'This would exceed your limit.' } },
    expected: { status: 429, wait: 600, words: ['exceed your limit'] },
  },
  {
    says: 'Claude: a moment by a clock that is an hour behind ours',
    kind: 'claude',
    model: 'claude-sonnet-5',
    status: 429,
    headers: {
      date: new Date(noon - 3600_000).toUTCString(),
      'anthropic-ratelimit-unified-reset': String(noon / 1000 - 3600 + 600),
    },
    body: { type: 'error', error: { type: 'rate_limit_error', message: 'This would exceed your limit.' } },
    expected: { status: 429, wait: 600, words: ['exceed your limit'] },
  },
  {
    says: 'Codex: a moment in the headers by a clock that is an hour ahead of ours',
    kind: 'codex',
    model: 'gpt-5.1',
    status: 429,
    headers: {
      date: new Date(noon + 3600_000).toUTCString(),
      'x-codex-primary-reset-at': String(noon / 1000 + 3600 + 90),
    },
    body: { error: { type: 'usage_limit_reached', message: 'Limit reached.' } },
    expected: { status: 429, wait: 90, words: ['Limit reached.'] },
  },
  {
    says: 'Claude: a subscription that is for its own programs',
    kind: 'claude',
    model: 'claude-sonnet-5',
    status: 400,
    body: {
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: 'This credential is only authorized for use with Claude Code.',
      },
    },
    expected: {
      status: 403,
      wait: undefined,
      words: ['only authorized for use with Claude Code. (', "the provider's terms decide", 'claude-api-key'],
    },
  },
  {
    says: 'Qwen: the quota of the day ends at midnight in Beijing',
    kind: 'qwen',
    model: 'qwen3-coder-plus',
    status: 403,
    body: { error: { code: 'insufficient_quota', message: 'Free allocated quota exceeded.' } },
    expected: {
      status: 429,
      wait: 4 * 3600,
      words: ['Free allocated quota exceeded.', 'midnight in Beijing'],
    },
  },
  {
    says: 'xAI: free usage is used up for a day',
    kind: 'xai',
    model: 'grok-4',
    status: 429,
    body: { code: 'x', error: 'Your free usage is exhausted.' },
    expected: { status: 429, wait: 86_400, words: ['free usage is exhausted'] },
  },
  {
    says: 'Vertex AI: a role that is missing',
    kind: 'vertex',
    model: 'gemini-2.5-pro',
    status: 403,
    body: google("Permission 'aiplatform.endpoints.predict' denied.", []),
    expected: { status: 403, wait: undefined, words: ['denied.', 'roles/aiplatform.user'] },
  },
  {
    says: 'Retry-After goes before what the body says',
    kind: 'codex',
    model: 'gpt-5.1',
    status: 429,
    headers: { 'retry-after': '5' },
    body: { error: { type: 'usage_limit_reached', message: 'Limit reached.', resets_in_seconds: 77 } },
    expected: { status: 429, wait: 5, words: ['Limit reached.'] },
  },
];

describe.each(protocols)('what a provider refuses reaches %s clients word for word', (protocol) => {
  test.each(rows)('$says', async ({ kind, model, status, body, headers, expected }) => {
    using upstream = startUpstream(() =>
      typeof body === 'string'
        ? new Response(body, { status, headers: { 'content-type': 'text/html', ...headers } })
        : Response.json(body, { status, headers }),
    );
    const facts = { projects: ['p'] };
    const gateway = gatewayWith([{ kind, url: upstream.url, facts, label: 'me@example.org' }]);
    const answered = await ask(gateway, { protocol, model });
    expect(answered.status).toBe(expected.status);
    expect(answered.headers['retry-after']).toBe(
      expected.wait === undefined ? undefined : String(expected.wait),
    );
    const { message } = callOf(protocol).errorOf(await jsonIn(answered));
    for (const words of expected.words) expect(message).toContain(words);
  });
});
