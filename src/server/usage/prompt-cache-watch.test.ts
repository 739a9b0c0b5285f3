import { expect, test } from 'bun:test';
import { usageRecord } from '../../../test/usage-records.ts';
import type { Protocol } from '../../protocols/model.ts';
import { promptCacheWatch } from './prompt-cache-watch.ts';

const noon = Date.UTC(2026, 10, 29, 12);

function watched(most?: number) {
  const warnings: { sentence: string; fields: Record<string, unknown> }[] = [];
  const watch = promptCacheWatch(
    { warn: (sentence, fields = {}) => void warnings.push({ sentence, fields }) },
    most,
  );
  const passing = (upstream: Protocol) => ({ overhead: 1, upstream, losses: [], trace: undefined });
  return {
    warnings,
    turn(minutes: number, session: string, cacheRead: number, upstream: Protocol = 'anthropic-messages') {
      const tokens = { input: 10_000, cacheRead, cacheWrite: 10_000 - cacheRead, cacheWrite1h: 0, output: 5 };
      watch.add(
        usageRecord({
          ...{ at: noon + minutes * 60_000, session, passing: passing(upstream) },
          usage: { tokens, counted: 'provider', tier: undefined, cost: undefined },
        }),
      );
    },
  };
}

test('a conversation that breaks its beginning three times in a row is warned of once', () => {
  const { turn, warnings } = watched();
  for (const minute of [0, 1, 2]) turn(minute, 's', 100);
  expect(warnings).toEqual([]);
  for (const minute of [3, 4, 5, 20, 21, 22, 23, 24]) turn(minute, 's', 100);
  expect(warnings.length).toBe(1);
  expect(warnings[0]?.sentence).toContain('its client changes what it has sent before');
  expect(warnings[0]?.fields).toMatchObject({
    turns: 3,
    tokens_again: 3 * 9900,
    client: 'anthropic-messages',
  });
});

test('a turn that finds the cache, and each conversation that has one, is none', () => {
  const { turn, warnings } = watched();
  for (const [minute, read] of [100, 100, 100, 10_000, 100, 100, 10_000, 100].entries())
    turn(minute, 's', read);
  for (let minute = 0; minute < 9; minute++) turn(minute, 'good', minute === 0 ? 0 : 10_000);
  expect(warnings).toEqual([]);
});

test('a translation may be the reason; warnings come ten minutes apart and count the others', () => {
  const { turn, warnings } = watched();
  for (let minute = 0; minute < 4; minute++)
    for (const session of ['a', 'b', 'c']) turn(minute, session, 0, 'openai-chat');
  for (let minute = 14; minute < 18; minute++) turn(minute, 'd', 0, 'openai-chat');
  expect(warnings.map(({ fields }) => fields.others)).toEqual([undefined, 2]);
  expect(warnings[0]?.sentence).toContain('or the translation');
});

test('conversations that are remembered are bounded', () => {
  const { turn, warnings } = watched(2);
  for (let minute = 0; minute < 5; minute++) for (const session of ['a', 'b', 'c']) turn(minute, session, 0);
  expect(warnings).toEqual([]);
});
