/**
 * Bills that nobody has worked out by hand: tiers with caches, long prompts, sound, pictures, thoughts, answers that break off and costs that
 * the upstream names itself, mixed at random, for clients of all four protocols. Python's Decimal says what each comes to, from the provider's own words and the
 * price lists as they are written. `npm run test:monitoring`.
 */
import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { startGateway } from '../../src/server/start.ts';
import { createLog } from '../../src/telemetry/log.ts';
import type { ListedRequest } from '../../src/usage/listed-request.ts';
import { calls, send } from '../gateway/calls.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { clientKey, configOf, everyUpstream } from '../gateway-harness.ts';
import { type BilledAnswer, billedAnswer } from '../usage/billed-answers.ts';
import { complaints } from './judges.ts';

const managementKey = 'management-key-of-the-tests';
const seed = Number(process.env.BILLS_SEED ?? 20261130);
const count = 400;

/** Prices that no list has, each figure another, with steps. */
const owned = {
  'mine-1': {
    ...{ input: 1.37, output: 9.11, 'cache-read': 0.137, 'cache-write': 1.71, 'cache-write-1h': 2.73 },
    ...{ 'audio-input': 3.31, 'audio-cache-read': 0.47, 'audio-output': 17.3, 'image-input': 2.9 },
    ...{ 'image-cache-read': 0.53, 'image-output': 31.7, 'video-input': 4.19 },
    'long-prompts': { 'longer-than': 5000, input: 2.74, output: 13.7, 'cache-read': 0.29 },
  },
  'mine-2': { input: 0.0375, output: 0.15, 'cache-read': 0.003625 },
} as const;

const models: Record<Protocol, readonly string[]> = {
  'openai-chat': ['gpt-5.4', 'gpt-5.6-sol', 'gpt-audio', 'mine-1', 'mine-2', 'nobody-knows'],
  'openai-responses': ['gpt-5.4', 'gpt-5.6-sol', 'gpt-audio-mini', 'mine-1', 'mine-2'],
  'anthropic-messages': ['claude-opus-5', 'claude-haiku-5-5', 'claude-sonnet-4-5', 'mine-1', 'nobody-knows'],
  gemini: ['gemini-2.5-pro', 'gemini-2.5-flash', 'gemini-3.1-pro', 'gemini-3-pro-image', 'mine-1'],
};
/** Where the lists have steps; a prompt is at one of them, or a token past it. */
const thresholds = [5000, 100_000, 200_000, 272_000];
const tiers = [undefined, 'default', 'flex', 'priority', 'fast', 'batch', 'turbo'] as const;

interface Bill extends BilledAnswer {
  what: string;
}

/** Numbers that look random and come again: a multiplier of Lehmer's kind (Park and Miller, 1988). */
function numbers(from: number): (below: number) => number {
  let state = from % 2_147_483_647 || 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

function bills(): Bill[] {
  const draw = numbers(seed);
  const one = <Value>(values: readonly Value[]): Value => {
    const value = values[draw(values.length)];
    if (value === undefined) throw new Error('there is nothing to choose from');
    return value;
  };
  return Array.from({ length: count }, (_, index): Bill => {
    const over = one(protocols);
    const model = one(models[over]);
    const tier = tiers[draw(tiers.length)];
    const isAborted = draw(6) === 0;
    const input = draw(3) === 0 ? one(thresholds) + draw(2) : 1 + draw(4000);
    const output = draw(10) === 0 ? 0 : 1 + draw(3000);
    const part = (of: number): number => (draw(2) === 0 ? 0 : draw(of + 1));
    const read = part(input);
    const written = part(input - read);
    const reasoning = part(output);
    const cost = draw(8) === 0 && !isAborted ? draw(1e9) / 1e8 : undefined;
    const amounts = { input, output, read, written, reasoning, part, cost };
    const usage = usageOf(over, amounts, tier);
    return {
      ...{ over, model, usage, tier, aborted: isAborted },
      what: `bill ${index} of seed ${seed}, ${model} over ${over}${tier === undefined ? '' : ` as ${tier}`}${isAborted ? ', broken off' : ''}`,
    };
  });
}

interface Amounts {
  input: number;
  output: number;
  read: number;
  written: number;
  reasoning: number;
  /** A part of a number, often none of it. */
  part(of: number): number;
  cost: number | undefined;
}

/** What was used, in the words of who serves it. */
function usageOf(over: Protocol, amounts: Amounts, tier: Bill['tier']): JsonObject {
  const { input, output, read, written, reasoning, part, cost } = amounts;
  const fresh = input - read - written;
  switch (over) {
    case 'openai-chat':
    case 'openai-responses': {
      const audioRead = part(read);
      const audio = audioRead + part(fresh);
      const said = {
        cached_tokens: read,
        cache_write_tokens: written,
        audio_tokens: audio,
        cached_tokens_details: { audio_tokens: audioRead, text_tokens: read - audioRead },
      };
      const made = { reasoning_tokens: reasoning, audio_tokens: part(output - reasoning) };
      const total = { total_tokens: input + output, ...(cost !== undefined && { cost }) };
      return over === 'openai-chat'
        ? {
            ...{ prompt_tokens: input, completion_tokens: output, ...total },
            ...{ prompt_tokens_details: said, completion_tokens_details: made },
          }
        : {
            ...{ input_tokens: input, output_tokens: output, ...total },
            ...{ input_tokens_details: said, output_tokens_details: made },
          };
    }
    case 'anthropic-messages': {
      const hour = part(written);
      return {
        ...{ input_tokens: fresh, output_tokens: output, cache_read_input_tokens: read },
        cache_creation_input_tokens: written,
        cache_creation: { ephemeral_5m_input_tokens: written - hour, ephemeral_1h_input_tokens: hour },
        output_tokens_details: { thinking_tokens: reasoning },
        ...(tier === 'fast' ? { speed: 'fast' } : tier !== undefined && { service_tier: tier }),
      };
    }
    case 'gemini': {
      const tools = part(fresh + written);
      const heard = part(fresh + written);
      const seen = part(fresh + written - heard);
      const video = part(fresh + written - heard - seen);
      const heardAgain = part(read);
      const seenAgain = part(read - heardAgain);
      const written2 = output - reasoning;
      const drawn = part(written2);
      const details = (counts: Record<string, number>): JsonObject[] =>
        Object.entries(counts).flatMap(([modality, tokenCount]) =>
          tokenCount === 0 ? [] : [{ modality, tokenCount }],
        );
      return {
        promptTokenCount: input - tools,
        toolUsePromptTokenCount: tools,
        cachedContentTokenCount: read,
        candidatesTokenCount: written2,
        thoughtsTokenCount: reasoning,
        totalTokenCount: input + output,
        promptTokensDetails: details({
          AUDIO: heard + heardAgain,
          IMAGE: seen + seenAgain,
          VIDEO: video,
        }),
        cacheTokensDetails: details({ AUDIO: heardAgain, IMAGE: seenAgain }),
        candidatesTokensDetails: details({ IMAGE: drawn, AUDIO: part(written2 - drawn) }),
        ...(tier !== undefined && { trafficType: `ON_DEMAND_${tier.toUpperCase()}` }),
      };
    }
  }
}

test('15: bills of every mixture are what Python says, to the nano-dollar', async () => {
  const all = bills();
  const folder = mkdtempSync(join(tmpdir(), 'whole-bills-'));
  using upstream = startUpstream(({ path, body }) => {
    const text = Buffer.from(body).toString();
    const bill = all[Number(/bill (\d+)/.exec(text)?.[1])];
    if (bill === undefined) throw new Error(`no bill in ${text}`);
    return billedAnswer(bill, path.includes(':stream') || JSON.parse(text).stream === true);
  });
  const gateway = await startGateway({
    version,
    log: createLog({ level: 'silent', format: 'json', sink: { write() {} } }),
    config: configOf({
      ...{ 'auth-dir': folder, 'api-keys': [clientKey], 'disable-cooling': true, 'request-retry': 0 },
      'remote-management': { 'secret-key': managementKey },
      ...everyUpstream(upstream.url, (protocol) =>
        models[protocol].map((name) => ({ name, alias: `${name}-over-${protocol}` })),
      ),
      prices: owned,
    }),
  });
  try {
    const asked = new Map<string, Bill>();
    const ask = async (bill: Bill, index: number): Promise<void> => {
      for (const [at, call] of calls.entries()) {
        const stream = bill.aborted || (index + at) % 2 === 0;
        const answer = await send(gateway.url, call, {
          ...{ model: `${bill.model}-over-${bill.over}`, text: `bill ${index}`, stream },
        });
        await answer.text().catch(() => '');
        asked.set(answer.headers.get('x-request-id') ?? '', {
          ...bill,
          what: `${bill.what}, asked as ${call.protocol}${stream ? ', stream' : ''}`,
        });
      }
    };
    for (let from = 0; from < all.length; from += 8)
      await Promise.all(all.slice(from, from + 8).map((bill, at) => ask(bill, from + at)));
    const headers = { 'x-management-key': managementKey };
    const jsonl = await (
      await fetch(`${gateway.url}/v0/management/usage/export?format=jsonl`, { headers })
    ).text();
    const kept = new Map(
      jsonl
        .split('\n')
        .filter((line) => line !== '')
        .map((line): [string, ListedRequest] => {
          const request: ListedRequest = JSON.parse(line);
          return [request.id, request];
        }),
    );
    expect(asked.size).toBe(count * calls.length);
    const listed = [...asked].map(([id, { over, model, tier, usage, aborted, what }]): JsonObject => {
      const found = kept.get(id);
      if (found === undefined) throw new Error(`${what}: ${id} is not kept`);
      const { cost, costSource, counted } = found;
      return {
        ...{ over, model, tier: tier ?? null, usage, aborted: aborted === true, what },
        kept: { tokens: { ...found.tokens }, cost, costSource, counted },
      };
    });
    const day = new Date().toISOString().slice(0, 10);
    const table = join(import.meta.dir, '../../src/models/table.jsonl');
    expect(
      await complaints('judge_bills.py', {
        table,
        day,
        owned: JSON.parse(JSON.stringify(owned)),
        bills: listed,
      }),
    ).toBe('');
  } finally {
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 300_000);
