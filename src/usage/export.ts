/** Requests as lines of text, for other programs. */
import { mediaNames } from '../protocols/token-counts.ts';
import { mediaColumns } from './columns.ts';
import type { ListedRequest } from './listed-request.ts';

export const exportFormats = ['jsonl', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export function isExportFormat(text: string): text is ExportFormat {
  return exportFormats.some((format) => format === text);
}

export const exportTypes: Record<ExportFormat, string> = {
  jsonl: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
};

type Cell = string | number | boolean | null;

/** `audio_input`, `image_output` …: tokens that are no text. */
const mediaCells = Object.fromEntries(
  mediaNames.map((name, index) => [
    mediaColumns[index] ?? name,
    ({ tokens }: ListedRequest): Cell => tokens[name] ?? null,
  ]),
);

/** The columns of a table, in its order. */
const columns: Readonly<Record<string, (request: ListedRequest) => Cell>> = {
  id: ({ id }) => id,
  at: ({ at }) => at,
  key_id: ({ key }) => key?.id ?? null,
  key: ({ key }) => key?.name ?? null,
  session: ({ session }) => session,
  protocol: ({ protocol }) => protocol,
  operation: ({ operation }) => operation,
  stream: ({ stream }) => stream,
  asked: ({ asked }) => asked,
  model: ({ model }) => model,
  provider: ({ provider }) => provider,
  credential_id: ({ credential }) => credential?.id ?? null,
  credential: ({ credential }) => credential?.name ?? null,
  status: ({ status }) => status,
  error: ({ error }) => error,
  attempts: ({ attemptCount }) => attemptCount,
  ttft_ms: ({ ttft }) => ttft,
  duration_ms: ({ duration }) => duration,
  input: ({ tokens }) => tokens.input,
  cache_read: ({ tokens }) => tokens.cacheRead,
  cache_write: ({ tokens }) => tokens.cacheWrite,
  cache_write_1h: ({ tokens }) => tokens.cacheWrite1h,
  reasoning: ({ tokens }) => tokens.reasoning,
  output: ({ tokens }) => tokens.output,
  ...mediaCells,
  counted: ({ counted }) => counted,
  tier: ({ tier }) => tier,
  cost_usd: ({ cost }) => cost,
  cost_source: ({ costSource }) => costSource,
  billing: ({ billing }) => billing,
};

/** The text before the first request; may be empty. */
export function exportHead(format: ExportFormat): string {
  return format === 'csv' ? `${Object.keys(columns).join(',')}\r\n` : '';
}

export function exportLines(format: ExportFormat, requests: readonly ListedRequest[]): string {
  const lines = requests.map((request) =>
    format === 'jsonl'
      ? `${JSON.stringify(request)}\n`
      : `${csvLine(Object.values(columns).map((cell) => cell(request)))}\r\n`,
  );
  return lines.join('');
}

/** A line of RFC 4180, without its end. Texts that a spreadsheet would take for a formula have an apostrophe in front. */
export function csvLine(cells: readonly Cell[]): string {
  return cells
    .map((cell) => {
      if (typeof cell !== 'string') return cell === null ? '' : String(cell);
      const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(',');
}
