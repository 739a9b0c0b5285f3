/** The coverage table as Markdown. */
import type { FactsName } from '../facts.ts';
import { answerFeatures } from './answer-features.ts';
import { answerCell, type Cell, proofReturns, requestCell, sides } from './coverage.ts';
import { proofs } from './proof-features.ts';
import { requestFeatures } from './request-features.ts';

const titles: Record<FactsName, string> = {
  chat: 'OpenAI Chat',
  responses: 'OpenAI Responses',
  anthropic: 'Anthropic',
  gemini: 'Gemini',
};

/** Between these lines of docs/internals/translation-tables.md stands what {@link coverageText} says. */
export const coverageMarks = {
  begin: '<!-- coverage: npm run docs -->',
  end: '<!-- end of coverage -->',
} as const;

/** The whole section. */
export function coverageText(): string {
  return [
    ...sides.flatMap((client) => [
      `### What ${titles[client]} clients ask`,
      ...table('feature', others(client), requestRows(client)),
    ]),
    ...sides.flatMap((client) => [
      `### What ${titles[client]} clients get`,
      ...table('feature', others(client), answerRows(client)),
    ]),
    '### Proofs of thinking, back to their maker',
    ...table('proof', sides, proofRows(), 'through'),
  ].join('\n\n');
}

function others(client: FactsName): readonly FactsName[] {
  return sides.filter((side) => side !== client);
}

/** A table, apart from its neighbours by empty lines. */
function table(
  first: string,
  columns: readonly FactsName[],
  rows: string[][],
  preposition = 'over',
): string[] {
  const head = [first, ...columns.map((side) => `${preposition} ${titles[side]}`)];
  return [[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')];
}

function requestRows(client: FactsName): string[][] {
  return Object.entries(requestFeatures).flatMap(([group, features]) => {
    const rows = features.flatMap((feature) =>
      row(feature.name, client, (upstream) => requestCell(feature, client, upstream)),
    );
    return rows.length === 0 ? [] : [[`**${group}**`, '', '', ''], ...rows];
  });
}

function answerRows(client: FactsName): string[][] {
  return answerFeatures.flatMap((feature) =>
    row(feature.name, client, (upstream) => answerCell(feature, client, upstream)),
  );
}

/** No row where nobody can say it. */
function row(name: string, client: FactsName, cellOf: (upstream: FactsName) => Cell | undefined): string[][] {
  const cells = others(client).map(cellOf);
  return cells.every((cell) => cell === undefined) ? [] : [[name, ...cells.map(shown)]];
}

function shown(cell: Cell | undefined): string {
  if (cell === undefined) return '–';
  const { outcome, note } = cell;
  if (outcome === 'kept') return 'kept';
  return `${outcome === 'approximated' ? 'approximated' : 'impossible'}: ${note ?? '?'}`;
}

function proofRows(): string[][] {
  return proofs.map((proof) => [
    proof.name,
    ...sides.map((client) =>
      proofReturns(proof, client) ? 'kept' : `impossible: ${proof.lost?.[client] ?? '?'}`,
    ),
  ]);
}
