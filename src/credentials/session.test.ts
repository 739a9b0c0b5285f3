import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, type JsonObject, parseJson } from '../protocols/json.ts';
import { asObject } from '../protocols/json-members.ts';
import { createSessionBindings } from './session-bindings.ts';
import { sessionKey } from './session-key.ts';

const key = (body: JsonObject, headers: Record<string, string> = {}) =>
  sessionKey(new Headers(headers), () => body);

describe('the session of a request', () => {
  const uuid = '01234567-89ab-cdef-0123-456789abcdef';
  test.each<{ name: string; body: JsonObject; headers?: Record<string, string>; session: string }>([
    {
      name: 'Claude Code, by header',
      body: {},
      headers: { 'X-Claude-Code-Session-Id': uuid },
      session: uuid,
    },
    {
      name: 'Claude Code, by metadata',
      body: { metadata: { user_id: JSON.stringify({ device_id: 'd', session_id: uuid }) } },
      session: uuid,
    },
    {
      name: 'older Claude Code',
      body: { metadata: { user_id: `user_abc_account_def_session_${uuid}` } },
      session: uuid,
    },
    {
      name: 'Codex, by header',
      body: { prompt_cache_key: 'other' },
      headers: { 'session-id': uuid },
      session: uuid,
    },
    { name: 'Codex, by cache key', body: { prompt_cache_key: uuid }, session: uuid },
    { name: 'opencode', body: {}, headers: { 'x-session-id': 'ses_1' }, session: 'ses_1' },
    { name: 'a Responses conversation', body: { conversation: { id: 'conv_1' } }, session: 'conv_1' },
  ])('$name', ({ body, headers, session }) => {
    expect(key(body, headers)).toBe(session);
  });

  const begin: { name: string; turn: (more: JsonObject[]) => JsonObject }[] = [
    {
      name: 'Chat Completions',
      turn: (more) => ({
        messages: [{ role: 'system', content: 'be brief' }, { role: 'user', content: 'first' }, ...more],
      }),
    },
    {
      name: 'Anthropic Messages',
      turn: (more) => ({
        system: [{ type: 'text', text: 'be brief', ...(more.length > 0 ? {} : { cache_control: {} }) }],
        messages: [{ role: 'user', content: [{ type: 'text', text: 'first' }] }, ...more],
      }),
    },
    {
      name: 'Responses',
      turn: (more) => ({ instructions: 'be brief', input: [{ role: 'user', content: 'first' }, ...more] }),
    },
    {
      name: 'Gemini',
      turn: (more) => ({
        systemInstruction: { parts: [{ text: 'be brief' }] },
        contents: [{ role: 'user', parts: [{ text: 'first' }] }, ...more],
      }),
    },
  ];
  test.each(begin)('$name without a name for it: what every turn begins with tells', ({ turn }) => {
    const first = key(turn([]));
    expect(first).toStartWith('begins:');
    expect(key(turn([{ role: 'assistant', content: 'second' }]))).toBe(first);
    expect(key({ messages: [{ role: 'user', content: 'another' }] })).not.toBe(first);
  });

  test('an empty body has none', () => {
    expect(key({})).toBeUndefined();
  });

  test.each(['claude', 'codex', 'opencode', 'gemini', 'qwen'])(
    'recorded requests of %s have one',
    (client) => {
      const folder = join(import.meta.dir, '../../test/fixtures/captures');
      const requests: unknown = JSON.parse(readFileSync(join(folder, `${client}.json`), 'utf8'));
      const list = Array.isArray(requests) ? requests : [requests];
      const found = list.filter(isObject).flatMap((request) => {
        const body =
          asObject(request.body) ?? parseJson(typeof request.body === 'string' ? request.body : '');
        if (!isObject(body)) return [];
        const headers = new Headers();
        for (const [name, value] of Object.entries(asObject(request.headers) ?? {}))
          if (typeof value === 'string') headers.set(name, value);
        return [sessionKey(headers, () => body)];
      });
      expect(found.length).toBeGreaterThan(0);
      expect(found).not.toContain(undefined);
    },
  );
});

describe('bindings', () => {
  test('last as long as requests come, and are forgotten after that', () => {
    const bindings = createSessionBindings();
    bindings.keepFor(1000);
    bindings.bind('s', 'a', 0);
    expect(bindings.boundTo('s', 900)).toBe('a');
    expect(bindings.boundTo('s', 1800)).toBe('a');
    expect(bindings.boundTo('s', 2800)).toBeUndefined();
    expect(bindings.size).toBe(0);
  });

  test('are bounded: the conversation quiet for longest goes first', () => {
    const bindings = createSessionBindings(2);
    for (const [now, session] of ['one', 'two', 'three'].entries()) {
      bindings.bind(session, 'a', now);
      bindings.boundTo('one', now);
    }
    expect([bindings.boundTo('one', 3), bindings.boundTo('two', 3), bindings.boundTo('three', 3)]).toEqual([
      'a',
      undefined,
      'a',
    ]);
  });

  test('are told to other replicas when they begin, change, and go on for long', () => {
    const told: string[] = [];
    const bindings = createSessionBindings(undefined, {
      put: (session, candidate, ms, moved) =>
        told.push(`${session} ${candidate} ${ms}${moved ? ' moved' : ''}`),
    });
    bindings.keepFor(1000);
    bindings.bind('s', 'a', 0);
    bindings.bind('s', 'a', 10);
    for (let now = 50; now <= 300; now += 50) bindings.boundTo('s', now);
    bindings.bind('s', 'b', 310);
    expect(told).toEqual(['s a 1000', 's a 1000', 's b 1000 moved']);
  });

  test('of another replica are taken over, and told to nobody', () => {
    const told: string[] = [];
    const bindings = createSessionBindings(undefined, { put: (session) => told.push(session) });
    bindings.adopt('unknown', 'a', 0, true);
    expect(bindings.knows('unknown')).toBe(false);
    bindings.adopt('s', 'a', 0);
    bindings.adopt('s', 'b', 1, true);
    expect(bindings.boundTo('s', 2)).toBe('b');
    expect(told).toEqual([]);
  });
});
