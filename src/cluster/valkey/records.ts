/** What replicas report to each other, over Valkey: kept in hashes, published as messages. Messages can be lost, so what is kept is read again. */

import { type Json, type JsonObject, parseJson } from '../../protocols/json.ts';
import { asObject, asString } from '../../protocols/json-members.ts';
import type { Notice, RecordTable, SharedRecords } from '../gossip/shared-records.ts';
import type { Valkey } from './connection.ts';

export interface ValkeyRecords extends SharedRecords {
  /** What is kept was lost: it is to be written anew. */
  again(): void;
  notify(notice: Notice): void;
  onNotice(handler: (notice: Notice) => void): void;
}

/** Of the messages' format: those of later programs are left alone. */
const version = 1;

/** Bytes of a message at most: larger ones are split. */
const mostFields = 500;

export function valkeyRecords(valkey: Valkey, replica: string): ValkeyRecords {
  const channel = valkey.key('gossip');
  const writers = new Map<RecordTable, (fields: ReadonlyMap<string, string>) => void>();
  const returners: (() => void)[] = [];
  const noticed: ((notice: Notice) => void)[] = [];

  function publish(message: Record<string, Json>): void {
    const text = JSON.stringify({ version, from: replica, ...message });
    // What cannot be sent now is read from what is kept, by all, when the engine is back.
    valkey.send('PUBLISH', channel, text).catch(() => undefined);
  }

  function receive(text: string): void {
    const message = asObject(parseJson(text));
    if (message?.version !== version || message.from === replica) return;
    const notice = readNotice(message.notice);
    if (notice !== undefined) for (const handler of noticed) handler(notice);
    const fields = asObject(message.fields);
    const table = tables.find((name) => name === message.table);
    if (fields === undefined || table === undefined) return;
    writers.get(table)?.(textsOf(fields));
  }

  const returned = (): void => {
    for (const handler of returners) handler();
  };
  valkey.subscribe(channel, receive, returned);
  valkey.engine.onState(({ kind }) => {
    if (kind === 'up') returned();
  });

  return {
    write(table, fields) {
      if (valkey.engine.state.kind === 'down') return;
      const all = [...fields];
      for (let at = 0; at < all.length; at += mostFields) {
        const some = all.slice(at, at + mostFields);
        valkey.send('HSET', valkey.key(table), ...some.flat()).catch(() => undefined);
        publish({ table, fields: Object.fromEntries(some) });
      }
    },
    drop(table, fields) {
      for (let at = 0; at < fields.length; at += mostFields)
        valkey.send('HDEL', valkey.key(table), ...fields.slice(at, at + mostFields)).catch(() => undefined);
    },
    async read(table) {
      try {
        const reply = await valkey.send('HGETALL', valkey.key(table));
        const fields = new Map<string, string>();
        if (!Array.isArray(reply)) return fields;
        for (let at = 0; at < reply.length; at += 2) fields.set(String(reply[at]), String(reply[at + 1]));
        return fields;
      } catch {
        return undefined;
      }
    },
    onWrite: (table, handler) => void writers.set(table, handler),
    onReturn: (handler) => void returners.push(handler),
    again: returned,
    notify: (notice) => publish({ notice: { ...notice } }),
    onNotice: (handler) => void noticed.push(handler),
  };
}

const tables: readonly RecordTable[] = ['cooldowns', 'quotas'];

function textsOf(fields: JsonObject): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [field, value] of Object.entries(fields)) {
    const text = asString(value);
    if (text !== undefined) texts.set(field, text);
  }
  return texts;
}

function readNotice(value: Json | undefined): Notice | undefined {
  const fields = asObject(value);
  switch (fields?.kind) {
    case 'config-changed':
      return { kind: 'config-changed', version: Number(fields.version) || 0 };
    case 'account-changed': {
      const account = asString(fields.account);
      return account === undefined ? undefined : { kind: 'account-changed', account };
    }
    case 'session-moved': {
      const [session, candidate] = [asString(fields.session), asString(fields.candidate)];
      if (session === undefined || candidate === undefined) return undefined;
      return { kind: 'session-moved', session, candidate };
    }
    default:
      return undefined;
  }
}
