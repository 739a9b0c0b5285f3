/** Frames of the event stream: what has changed between two looks, and two frames in one for a reader that is slow. Pure. */
import type { AccountChanges, AccountRow, Frame, Overview, RequestRow } from './wire.ts';

/** Requests in a frame; of more, the newest are shown and the page's totals still count all. */
const mostRows = 200;

/** What there is to see at one time. */
export interface Look {
  overview: Overview;
  accounts: readonly AccountRow[];
}

/** What of a look has been sent, as text: what is compared is what would be sent. */
export interface Sent {
  overview: Map<string, string>;
  accounts: Map<string, string>;
  /** Ids in their order; undefined before any were sent, as there may be none. */
  order: string | undefined;
}

/** Before the first frame, which has all of it. */
export const emptyOverview: Overview = {
  state: { accounts: 0, ready: 0, cooling: [], coolingCount: 0, sandbox: false, away: [] },
  problems: [],
  minutes: [],
  failures: [],
  pools: [],
  today: null,
  yesterday: null,
};

export const nothingSent = (): Sent => ({ overview: new Map(), accounts: new Map(), order: undefined });

/** What of a look is not in `sent`; it is afterwards. */
export function changesOf(look: Look, sent: Sent): Pick<Frame, 'overview' | 'accounts'> {
  const parts = Object.entries(look.overview).filter(([name, part]) => isNew(sent.overview, name, part));
  const rows = look.accounts.filter((row) => isNew(sent.accounts, row.id, row));
  const ids = look.accounts.map(({ id }) => id);
  const order = ids.join('\n');
  const moved = order !== sent.order;
  sent.order = order;
  if (moved) {
    const there = new Set(ids);
    for (const id of sent.accounts.keys()) if (!there.has(id)) sent.accounts.delete(id);
  }
  return {
    ...(parts.length > 0 && { overview: Object.fromEntries(parts) }),
    ...((rows.length > 0 || moved) && { accounts: { rows, ...(moved && { order: ids }) } }),
  };
}

function isNew(sent: Map<string, string>, name: string, value: unknown): boolean {
  const text = JSON.stringify(value);
  if (sent.get(name) === text) return false;
  sent.set(name, text);
  return true;
}

/** One frame that changes as much as both, the older first. */
export function together(older: Frame | undefined, newer: Frame): Frame {
  if (older === undefined) return newer;
  const overview = { ...older.overview, ...newer.overview };
  const ended = newestOf([...(older.ended ?? []), ...(newer.ended ?? [])]);
  const running = newer.running ?? older.running;
  const accounts = bothChanges(older.accounts, newer.accounts);
  return {
    ...(Object.keys(overview).length > 0 && { overview }),
    ...(ended.length > 0 && { ended }),
    ...(running !== undefined && { running }),
    ...(accounts !== undefined && { accounts }),
  };
}

/** As many as a frame has. */
export function newestOf(rows: RequestRow[]): RequestRow[] {
  return rows.length > mostRows ? rows.slice(-mostRows) : rows;
}

function bothChanges(
  older: AccountChanges | undefined,
  newer: AccountChanges | undefined,
): AccountChanges | undefined {
  if (older === undefined || newer === undefined) return newer ?? older;
  const rows = new Map([...older.rows, ...newer.rows].map((row) => [row.id, row]));
  const order = newer.order ?? older.order;
  return { rows: [...rows.values()], ...(order !== undefined && { order }) };
}

/** The rows after a change: those of the order, each as it came last. */
export function changedRows(
  rows: readonly AccountRow[],
  { order, rows: changed }: AccountChanges,
): AccountRow[] {
  const known = new Map([...rows, ...changed].map((row) => [row.id, row]));
  const ids = order ?? rows.map(({ id }) => id);
  return ids.flatMap((id) => known.get(id) ?? []);
}
