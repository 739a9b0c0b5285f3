/** Usage in the peer's form: read, taken away and brought along. */

import { z } from 'zod';
import { keyId } from '../config/hashed-key.ts';
import type { Config } from '../config/schema.ts';
import { type Credential, providerNameOf } from '../credentials/credential.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Clock } from '../ground/clock.ts';
import { yieldToEventLoop } from '../ground/steps.ts';
import { parseJsonFile } from '../protocols/json.ts';
import { asObject } from '../protocols/json-members.ts';
import { stateOf } from '../usage/kept-sums.ts';
import type { OwnUsageStore, UsageMissing } from '../usage/open-usage.ts';
import type { UsageRecord } from '../usage/record.ts';
import { usageReader } from '../usage/usage-reader.ts';
import { authIndexOf } from './auth-index.ts';
import { textBody } from './body.ts';
import { refusals, usageRefusals } from './error-codes.ts';
import { accountSource, formOf, knownCredentials } from './known-credentials.ts';
import { maskedText } from './masked-text.ts';
import { type PeerNames, type PeerUsage, peerUsage } from './peer-usage.ts';
import { polledAnswers } from './polled-answers.ts';
import { json, jsonText, type Reply, refuse } from './reply.ts';
import { type Route, route } from './route.ts';
import { shownClientKeys, shownKey } from './shown-client-keys.ts';
import { usageQuery } from './usage.ts';
import type { AskedUsage, UsageAnswers } from './usage-answers.ts';
import { type ImportNames, importedRecords } from './usage-import.ts';

export interface UsageExchangeDeps {
  usage: Pick<AskedUsage, 'prices'> & {
    open(): Promise<OwnUsageStore | UsageMissing>;
    /** Takes in requests that are not there yet, and gives how many; undefined where there is no store. */
    take(records: readonly UsageRecord[]): number | undefined;
  };
  gateway: Pick<Gateway, 'credentials'>;
  config: () => Pick<Config, 'api-keys'>;
  now: Clock['now'];
}

/** Requests that are named one by one: by default, and at most; and in an export. */
const usualDetails = 1000;
const mostDetails = 10_000;
const exportedDetails = 50_000;
/** Bytes of an import. Larger ones are sent in parts: what is there already is skipped. */
const mostImport = 16 * 1024 * 1024;
/** Requests of one transaction. */
const portion = 250;
/** Details of one piece of an export's text. */
const piece = 250;
/** Characters of an answer that are written in one turn. */
const pieceSize = 128 * 1024;

/** What is looked for in it; what else it has is passed over. */
const importBody = z.looseObject({
  version: z.literal(1).optional(),
  usage: z.looseObject({ apis: z.record(z.string(), z.unknown()).optional() }),
});

/** `GET /usage` as it was given last, and what it was made of. */
type PolledUsage = UsageMissing | { ok: true; basis: readonly unknown[]; bytes: Uint8Array<ArrayBuffer> };

export function usageExchangeRoutes(deps: UsageExchangeDeps, answers: UsageAnswers): Route[] {
  const { usage, gateway, config, now } = deps;
  async function openNamed(): Promise<UsageMissing | { ok: true; open: OwnUsageStore; names: PeerNames }> {
    const open = await usage.open();
    if (!open.ok) return open;
    const names = {
      credential: knownCredentials(gateway.credentials()),
      clientKey: shownClientKeys(config()['api-keys'], (key) => open.digests.key(keyId(key))),
    };
    return { ok: true, open, names };
  }

  /** All that an answer is made of: it is the same while these are. */
  function basisOf({ database }: OwnUsageStore): readonly unknown[] {
    const hour = Math.floor(now() / 3_600_000);
    return [database, stateOf(database), hour, gateway.credentials(), config()['api-keys']];
  }

  const polled = polledAnswers(
    async (details: number, before: PolledUsage | undefined): Promise<PolledUsage> => {
      const found = await openNamed();
      if (!found.ok) return found;
      const basis = basisOf(found.open);
      if (before?.ok && basis.every((part, index) => part === before.basis[index])) return before;
      const read = await peerUsage(found.open, found.names, now(), details);
      let [text, yieldAt] = ['', pieceSize];
      for (const part of usageText(read, {}, { failed_requests: read.failure_count })) {
        text += part;
        if (text.length < yieldAt) continue;
        yieldAt = text.length + pieceSize;
        await yieldToEventLoop();
      }
      return { ok: true, basis, bytes: new TextEncoder().encode(text) };
    },
    now,
  );

  return [
    route({
      method: 'GET',
      v0: 'usage',
      answers: 'peerUsage',
      refuses: usageRefusals,
      sentence: `All usage as the peer had it: sums by day, by hour of the day (of the last 30 days), by client key and model, and the latest requests one by one (\`details\`, ${usualDetails}, at most ${mostDetails}).`,
      query: z.object({
        details: z
          .string()
          .regex(/^\d{1,9}$/, 'expected a whole number')
          .optional(),
      }),
      async run({ query: { details } }) {
        const most = details === undefined ? usualDetails : Math.min(Number(details), mostDetails);
        const found = await polled(most);
        return found.ok ? jsonText(found.bytes) : missing(found);
      },
    }),
    route({
      method: 'GET',
      v0: 'usage/export',
      answers: { json: 'usageExport', types: ['application/x-ndjson', 'text/csv'], file: true },
      refuses: refusals(usageRefusals, { 400: ['bad_parameter'] }),
      sentence: `Usage as a file: with \`format\` jsonl or csv every request; without it the peer's form (version 1) with the latest ${exportedDetails} requests.`,
      query: usageQuery('export'),
      async run({ search }) {
        if (search.has('format')) return { response: await answers.handle('GET', ['export'], search) };
        const found = await openNamed();
        if (!found.ok) return missing(found);
        const read = await peerUsage(found.open, found.names, now(), exportedDetails);
        const head = { version: 1, exported_at: new Date(now()).toISOString() };
        const reply = jsonStream(usageText(read, head, {}));
        reply.response.headers.set('content-disposition', 'attachment; filename="usage.json"');
        return reply;
      },
    }),
    route({
      method: 'POST',
      v0: 'usage/import',
      answers: 'usageImported',
      refuses: {
        400: ['invalid_body', 'unsupported_version', 'usage_disabled', 'usage_unavailable'],
        503: ['usage_unavailable'],
      },
      sentence: `Takes in usage in the peer's form (version 1); requests that are there already are skipped. At most ${mostImport} bytes.`,
      body: {
        ...textBody(['application/json'], mostImport, importBody),
        example: { version: 1, usage: { apis: {} } },
      },
      async run({ body }) {
        const sent = asObject(parseJsonFile(body));
        const imported = asObject(sent?.usage);
        if (sent === undefined) return refuse(400, 'invalid json', { code: 'invalid_body' });
        if (sent.version !== undefined && sent.version !== 1)
          return refuse(400, 'unsupported version', { code: 'unsupported_version' });
        if (imported === undefined)
          return refuse(400, 'invalid json', { code: 'invalid_body', message: 'usage: expected an object' });
        const open = await usage.open();
        if (!open.ok)
          return refuse(400, 'usage statistics unavailable', { code: open.code, message: open.sentence });
        const names = importNames(config()['api-keys'], gateway.credentials(), usage);
        let [added, skipped] = [0, 0];
        let waiting: UsageRecord[] = [];
        async function write(): Promise<boolean> {
          const taken = usage.take(waiting);
          if (taken === undefined) return false;
          added += taken;
          skipped += waiting.length - taken;
          waiting = [];
          await yieldToEventLoop();
          return true;
        }
        for (const record of importedRecords(imported, names)) {
          if (record === undefined) skipped += 1;
          else waiting.push(record);
          if (waiting.length >= portion && !(await write())) return gone();
        }
        if (!(await write())) return gone();
        const { total } = await usageReader(open.database, open.days).totals({ by: [], where: {} });
        return json(
          { added, skipped, total_requests: total.requests, failed_requests: total.failed },
          { changed: `${added} requests of usage taken in, ${skipped} skipped` },
        );
      },
    }),
  ];
}

function missing({ code, sentence }: UsageMissing): Reply {
  return refuse(code === 'usage_disabled' ? 404 : 503, sentence, { code });
}

/** The store was closed while it was written to. */
function gone(): Reply {
  return refuse(503, 'usage statistics unavailable', { code: 'usage_unavailable' });
}

/** Who is meant in an import: clients and credentials of this gateway where it has them, and never a secret. */
function importNames(
  keys: Config['api-keys'],
  credentials: readonly Credential[],
  { prices }: Pick<AskedUsage, 'prices'>,
): ImportNames {
  const clients = new Map(keys.map((entry) => [keyId(entry.key), entry.name ?? 'client']));
  const byName = new Map(keys.map((entry) => [entry.name ?? shownKey(entry.key), keyId(entry.key)]));
  const byIndex = new Map(credentials.map((credential) => [authIndexOf(credential), credential]));
  const bySource = new Map(
    credentials.flatMap((credential) => [
      [credential.label, credential] as const,
      // Others write an account's e-mail address alone.
      [accountSource(credential.label), credential] as const,
      ...(typeof credential.secret === 'string' ? [[credential.secret, credential] as const] : []),
    ]),
  );
  const known = new Map<string, ReturnType<ImportNames['credential']>>();
  return {
    clientKey(written) {
      const id = byName.get(written) ?? keyId(written);
      return { id, name: clients.get(id) ?? maskedText(written) };
    },
    credential(index, source) {
      const which = `${index}\n${source}`;
      let found = known.get(which);
      if (found === undefined) {
        const credential = byIndex.get(index) ?? bySource.get(source);
        found =
          credential === undefined
            ? {
                credential: {
                  id: `imported:${index || keyId(source)}`,
                  name: maskedText(source) || 'imported',
                },
                provider: 'imported',
                apart: false,
              }
            : {
                credential: { id: credential.id, name: credential.label },
                provider: providerNameOf(credential),
                apart: formOf(credential.provider.protocol).cacheApart,
              };
        known.set(which, found);
      }
      return found;
    },
    prices: prices(),
  };
}

/** Usage between the given start and end of a document, in pieces small enough not to block. */
function* usageText(
  { apis, ...sums }: PeerUsage,
  before: Record<string, string | number>,
  behind: Record<string, string | number>,
): Generator<string> {
  const members = (facts: Record<string, string | number>): string => JSON.stringify(facts).slice(1, -1);
  yield `{${members(before)}${Object.keys(before).length === 0 ? '' : ','}"usage":${JSON.stringify(sums).slice(0, -1)},"apis":{`;
  for (const [index, [name, { models, ...api }]] of Object.entries(apis).entries()) {
    yield `${index === 0 ? '' : ','}${JSON.stringify(name)}:${JSON.stringify(api).slice(0, -1)},"models":{`;
    for (const [place, [model, { details, ...total }]] of Object.entries(models).entries()) {
      yield `${place === 0 ? '' : ','}${JSON.stringify(model)}:${JSON.stringify(total).slice(0, -1)},"details":[`;
      for (let from = 0; from < details.length; from += piece) {
        const text = details.slice(from, from + piece).join(',');
        yield from === 0 ? text : `,${text}`;
      }
      yield ']}';
    }
    yield '}}';
  }
  yield `}}${Object.keys(behind).length === 0 ? '' : ','}${members(behind)}}\n`;
}

function jsonStream(pieces: Iterator<string>): Reply {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await yieldToEventLoop();
      const { done, value } = pieces.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
  });
  return { response: new Response(body, { headers: { 'content-type': 'application/json; charset=utf-8' } }) };
}
