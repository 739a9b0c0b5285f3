/** Events of the other replicas while a console is open here: each is asked once a second, and none while no console is open. */
import type { Clock } from '../ground/clock.ts';
import type { OtherReplicas } from '../management/other-replicas.ts';
import type { Live } from './live.ts';
import type { LivePart } from './live-feed.ts';
import type { Overview, RequestRow } from './wire.ts';

/** The addresses that replicas ask of each other's consoles. */
export const livePath = '/console/api/live';

/** {@link Live} of all replicas, with what runs on them. */
export interface LiveEverywhere extends Pick<Live, 'watch' | 'minutes'> {
  running(): RequestRow[];
}

export interface LiveElsewhereSource {
  live: Pick<Live, 'watch' | 'minutes'>;
  running: () => RequestRow[];
  replicas: OtherReplicas;
  clock: Pick<Clock, 'every'>;
}

const askEvery = 1000;
/** Ms that a replica has to answer. */
const answerTime = 900;

export function liveEverywhere({ live, running, replicas, clock }: LiveElsewhereSource): LiveEverywhere {
  const watchers = new Set<(row: RequestRow) => void>();
  /** The last part of each replica that answers. */
  const parts = new Map<string, LivePart & { name: string }>();
  const asking = new Set<string>();
  let stop: (() => void) | undefined;

  async function ask(id: string, name: string): Promise<void> {
    if (asking.has(id)) return;
    asking.add(id);
    const mark = parts.get(id)?.mark;
    const path = mark === undefined ? livePath : `${livePath}?since=${mark}`;
    const asked = await replicas.ask(id, path, answerTime).finally(() => asking.delete(id));
    if (stop === undefined) return;
    if (!asked.ok || asked.response.status !== 200) {
      parts.delete(id);
      return;
    }
    const part: LivePart = JSON.parse(await asked.response.text());
    parts.set(id, { ...part, name });
    for (const row of part.ended) for (const seen of watchers) seen({ ...row, replica: name });
  }

  function askAll(): void {
    const others = replicas.list();
    for (const id of parts.keys()) if (!others.some((one) => one.id === id)) parts.delete(id);
    for (const { id, name } of others) void ask(id, name).catch(() => parts.delete(id));
  }

  const { name } = replicas.self;
  return {
    watch(seen) {
      const endOwn = live.watch((row) => seen({ ...row, replica: name }));
      watchers.add(seen);
      if (stop === undefined) {
        stop = clock.every(askEvery, askAll);
        askAll();
      }
      return () => {
        endOwn();
        watchers.delete(seen);
        if (watchers.size > 0) return;
        stop?.();
        stop = undefined;
        parts.clear();
      };
    },
    running: () => [
      ...running().map((row) => ({ ...row, replica: name })),
      ...[...parts.values()].flatMap((part) => part.running.map((row) => ({ ...row, replica: part.name }))),
    ],
    minutes: (now) =>
      [...parts.values()].reduce((sum, { minutes }) => sumOf(sum, minutes), live.minutes(now)),
  };
}

/** By the minute: clocks differ. */
function sumOf(one: Overview['minutes'], other: Overview['minutes']): Overview['minutes'] {
  const counts = new Map(other.map((minute) => [minute.at, minute]));
  return one.map(({ at, ok, failed }) => {
    const more = counts.get(at);
    return { at, ok: ok + (more?.ok ?? 0), failed: failed + (more?.failed ?? 0) };
  });
}
