/** Messages to one replica where there is no Valkey: notifications on a channel of its own, in pieces that fit into one. Nothing of it throws. */
import { randomBytes } from 'node:crypto';
import type { ReplicaMessages } from '../../ports.ts';
import type { Postgres } from '../connection.ts';

/** Characters of a piece: a notification has fewer than 8000 bytes. Source: postgresql.org/docs/current/sql-notify.html. */
const pieceLength = 7000;
/** Pieces of a message, and messages that came in part: who reaches the database can send more than anybody asked for. */
const mostPieces = 2048;
const mostUnfinished = 32;

/** `replica`: the id of this one. */
export function postgresMessages(postgres: Postgres, replica: string): ReplicaMessages {
  const channelOf = (id: string): string => `cpa_to_${id}`;
  const handlers = new Set<(text: string) => void>();
  const take = joined((text) => {
    for (const handler of handlers) handler(text);
  });
  postgres.listen(channelOf(replica), take, () => {});
  return {
    async send(to, text) {
      const pieces = piecesOf(text);
      if (pieces === undefined) return false;
      try {
        await postgres.run('SELECT pg_notify($1, piece) FROM string_to_table($2::text, chr(10)) AS piece', [
          channelOf(to),
          pieces.join('\n'),
        ]);
        return true;
      } catch {
        return false;
      }
    },
    onMessage: (handler) => void handlers.add(handler),
  };
}

/** Each as `ID AT OF TEXT`; undefined for a text that is too long. It has no line breaks: it is base64url, sealed. */
function piecesOf(text: string): string[] | undefined {
  const of = Math.max(1, Math.ceil(text.length / pieceLength));
  if (of > mostPieces || text.includes('\n')) return undefined;
  const id = randomBytes(9).toString('base64url');
  return Array.from(
    { length: of },
    (_, at) => `${id} ${at} ${of} ${text.slice(at * pieceLength, (at + 1) * pieceLength)}`,
  );
}

/** Gives each text once all of its pieces are there, in whatever order; of those that never come, the oldest are let go. */
function joined(onText: (text: string) => void): (piece: string) => void {
  const unfinished = new Map<string, { of: number; pieces: Map<number, string> }>();
  return (piece) => {
    const [, id = '', place = '', count = '', text = ''] =
      /^([\w-]{12}) (\d{1,4}) (\d{1,4}) (.*)$/.exec(piece) ?? [];
    const [at, of] = [Number(place), Number(count)];
    if (id === '' || of < 1 || of > mostPieces || at >= of) return;
    const known = unfinished.get(id) ?? { of, pieces: new Map<number, string>() };
    if (known.of !== of) return;
    known.pieces.set(at, text);
    unfinished.set(id, known);
    if (known.pieces.size < of) {
      const [oldest] = unfinished.keys();
      if (unfinished.size > mostUnfinished && oldest !== undefined) unfinished.delete(oldest);
      return;
    }
    unfinished.delete(id);
    onText(Array.from({ length: of }, (_, one) => known.pieces.get(one) ?? '').join(''));
  };
}
