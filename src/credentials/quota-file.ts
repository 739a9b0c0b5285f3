/** Quotas outlast a restart: what providers have told of them is kept in a file beside the accounts. */
import { join } from 'node:path';
import { createStateFile, type StateFile } from '../accounts/state-file.ts';
import { asArray, asBoolean, asNumber, asObject, asString, type Json, parseJson } from '../protocols/json.ts';
import type { QuotaWindow } from './quota.ts';
import { keptPoints, type QuotaPoint } from './quota-history.ts';

/** The file's name in `auth-dir`. */
const quotaFileName = '.quotas.json';

/** A window with the credential that has it; `of` is the model, undefined for the whole account. */
export interface QuotaRecord {
  credential: string;
  of: string | undefined;
  window: QuotaWindow;
}

/** Shares change with every answer: milliseconds between two writes at least. */
const delay = 30_000;
/** Windows that are read at most. */
const mostRecords = 100_000;

/** A format of ours; other numbers are of later versions and are left alone. */
const version = 1;

export function createQuotaFile(
  directory: string,
  quotas: () => readonly QuotaRecord[],
  onProblem: (sentence: string) => void,
): StateFile<QuotaRecord[]> {
  return createStateFile({
    path: join(directory, quotaFileName),
    subject: 'The quotas',
    parse: parseQuotas,
    text() {
      const records = quotas();
      return records.length === 0 ? undefined : quotaText(records);
    },
    onProblem,
    delay,
  });
}

/** The file's content; times are ms since the epoch. */
function quotaText(records: readonly QuotaRecord[]): string {
  const lines = records.map(({ credential, of, window: { past = [], ...window } }) =>
    JSON.stringify({ credential, of, ...window, past: past.map(({ at, left }) => [at, left]) }),
  );
  return `{"version":${version},"quotas":[\n${lines.join(',\n')}\n]}\n`;
}

/** Reads the file's content; windows that are not whole are left out. Undefined for anything but this format. */
function parseQuotas(text: string): QuotaRecord[] | undefined {
  const value = asObject(parseJson(text));
  if (value?.version !== version) return undefined;
  return asArray(value.quotas)
    .slice(0, mostRecords)
    .flatMap((item) => {
      const fields = asObject(item) ?? {};
      const credential = asString(fields.credential);
      const name = asString(fields.name);
      const left = share(fields.left);
      const toldAt = asNumber(fields.toldAt);
      if (credential === undefined || name === undefined || left === undefined || toldAt === undefined)
        return [];
      const window = {
        name,
        ofModel: asBoolean(fields.ofModel) ?? false,
        model: asString(fields.model),
        left,
        closed: asBoolean(fields.closed) ?? false,
        resetsAt: asNumber(fields.resetsAt),
        length: asNumber(fields.length),
        toldAt,
        past: asArray(fields.past).slice(-keptPoints).flatMap(point),
      };
      return [{ credential, of: asString(fields.of), window }];
    });
}

function point(value: Json): QuotaPoint[] {
  const [at, left] = asArray(value);
  const time = asNumber(at);
  const known = share(left);
  return time === undefined || known === undefined ? [] : [{ at: time, left: known }];
}

function share(value: Json | undefined): number | undefined {
  const read = asNumber(value);
  return read !== undefined && read >= 0 && read <= 1 ? read : undefined;
}
