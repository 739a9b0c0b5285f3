/** Quotas outlast a restart: what providers have reported of them is kept in a file beside the accounts. */
import { recordFile } from '../accounts/record-file.ts';
import type { Json } from '../protocols/json.ts';
import { asArray, asBoolean, asNumber, asString } from '../protocols/json-members.ts';
import type { QuotaWindow } from './quota.ts';
import { keptPoints, type QuotaPoint } from './quota-history.ts';

/** A window with the credential that has it; `of` is the model, undefined for the whole account. */
export interface QuotaRecord {
  credential: string;
  of: string | undefined;
  window: QuotaWindow;
}

/** Times are ms since the epoch. */
export const createQuotaFile = recordFile<QuotaRecord>({
  name: '.quotas.json',
  subject: 'The quotas',
  member: 'quotas',
  most: 100_000,
  // Shares change with every answer.
  delay: 30_000,
  written: ({ credential, of, window: { past = [], reportedAt: toldAt, ...window } }) => ({
    credential,
    of,
    ...window,
    // The name in this version of the format.
    toldAt,
    past: past.map(({ at, left }) => [at, left]),
  }),
  read(fields) {
    const credential = asString(fields.credential);
    const name = asString(fields.name);
    const left = share(fields.left);
    const reportedAt = asNumber(fields.toldAt);
    if (credential === undefined || name === undefined || left === undefined || reportedAt === undefined)
      return undefined;
    const window = {
      name,
      ofModel: asBoolean(fields.ofModel) ?? false,
      model: asString(fields.model),
      left,
      closed: asBoolean(fields.closed) ?? false,
      resetsAt: asNumber(fields.resetsAt),
      length: asNumber(fields.length),
      reportedAt,
      past: asArray(fields.past).slice(-keptPoints).flatMap(point),
    };
    return { credential, of: asString(fields.of), window };
  },
});

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
