import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FactsName } from '../facts.ts';
import { answerFeatures } from './answer-features.ts';
import {
  answerCell,
  type Cell,
  proofLeaks,
  proofReturns,
  requestCell,
  sides,
  translated,
} from './coverage.ts';
import { coverageMarks, coverageText } from './coverage-text.ts';
import { greeting } from './feature.ts';
import { proofs } from './proof-features.ts';
import { requestFeatures } from './request-features.ts';

const pairs = sides.flatMap((client) =>
  sides.filter((side) => side !== client).map((upstream): [FactsName, FactsName] => [client, upstream]),
);

test('docs/internals/translation-tables.md has the table that the code keeps', () => {
  const text = readFileSync(join(import.meta.dir, '../../docs/internals/translation-tables.md'), 'utf8');
  const { begin, end } = coverageMarks;
  expect(text.slice(text.indexOf(begin) + begin.length, text.indexOf(end)).trim()).toBe(coverageText());
});

describe.each(pairs)('a client of %s over %s', (client, upstream) => {
  test('a plain request loses nothing and says nothing of losses', () => {
    expect(translated(client, upstream, greeting[client]).losses).toEqual([]);
  });

  test.each(Object.values(requestFeatures).flat())('request: $name', (feature) => {
    const cell = requestCell(feature, client, upstream);
    expect(cell?.outcome).not.toBe('silent');
    if (cell !== undefined) expect(explained(cell)).toBe(true);
  });

  test.each([...answerFeatures])('answer: $name', (feature) => {
    const cell = answerCell(feature, client, upstream);
    if (cell !== undefined) expect(explained(cell)).toBe(true);
  });
});

/** What is kept needs no words, everything else does. */
function explained({ outcome, note }: Cell): boolean {
  return outcome === 'kept' || note !== undefined;
}

test('every note of the table is said of some cell that is not kept', () => {
  const idle: string[] = [];
  for (const feature of Object.values(requestFeatures).flat()) {
    for (const upstream of sides) {
      if (feature.notes?.[upstream] === undefined) continue;
      const cells = sides
        .filter((side) => side !== upstream)
        .map((client) => requestCell(feature, client, upstream));
      if (!cells.some((cell) => cell?.note !== undefined && cell.outcome !== 'kept'))
        idle.push(`${feature.name}, ${upstream}`);
    }
  }
  expect(idle).toEqual([]);
});

describe.each([...proofs])('$name', (proof) => {
  test.each([...sides])('comes back through a client of %s', (client) => {
    expect(proofReturns(proof, client)).toBe(proof.lost?.[client] === undefined);
  });

  test.each([...sides])('is shown to nobody else by a client of %s', (client) => {
    // What a client of the same protocol sends goes through as it is; it is the gateway that keeps it with its maker.
    const strangers = sides.filter((side) => side !== proof.family && side !== client);
    expect(strangers.filter((stranger) => proofLeaks(proof, client, stranger))).toEqual([]);
  });
});
