/** A gateway with two credentials for each upstream protocol, of which the first fails as a request's header says. */

import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import { asArray, asObject } from '../../src/protocols/json-members.ts';
import { protocols } from '../../src/protocols/model.ts';
import type { Told } from '../clients/conversation.ts';
import type { Pairing } from '../clients/official.ts';
import { clientKey, modelOver, oneUpstream, startTested, type TestedGateway } from '../gateway-harness.ts';

export interface Pair extends AsyncDisposable {
  gateway: TestedGateway;
  sandbox: Sandbox;
}

function withKey(entry: JsonObject, key: string, priority: number): JsonObject {
  const named =
    entry['api-key'] === undefined
      ? { name: key, 'api-key-entries': [{ 'api-key': key }] }
      : { 'api-key': key };
  return { ...entry, ...named, priority };
}

/** Settings with credentials of these keys for each protocol, asked in this order; `ofFirst`: further ones of the first. */
function credentialsWith(url: string, keys: readonly string[], ofFirst: JsonObject): JsonObject {
  const lists = protocols.flatMap((protocol) =>
    Object.entries(
      oneUpstream(protocol, url, [{ name: 'sandbox', alias: modelOver[protocol] }], {
        headers: { 'x-sandbox-fault': '$x-sandbox-fault' },
      }),
    ),
  );
  return Object.fromEntries(
    lists.map(([list, entries]) => {
      const entry = asObject(asArray(entries)?.[0]) ?? {};
      const own = (index: number) => (index === 0 ? { ...entry, ...ofFirst } : entry);
      return [list, keys.map((key, index) => withKey(own(index), key, -index))];
    }),
  );
}

/** Starts it; `settings` are further ones of the gateway, `ofFirst` of the credential that is asked first. */
export async function startPair(settings: JsonObject, ofFirst: JsonObject = {}): Promise<Pair> {
  const sandbox = startSandbox({ pace: 0 });
  const keys = credentialsWith(sandbox.url, ['first-key', 'second-key'], ofFirst);
  const gateway = await startTested({ ...settings, ...keys });
  return {
    gateway,
    sandbox,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await sandbox.stop();
    },
  };
}

export type Seen = { told: Told } | { message: string; status: number | undefined };

/** Asks as the pairing says; the client's own result or error. Other errors than the client's own are thrown. */
export async function ask(
  { gateway }: Pick<Pair, 'gateway'>,
  { client, upstream, stream }: Pairing,
  fault: string,
): Promise<Seen> {
  const conversation = client.open({
    url: gateway.url,
    key: clientKey,
    model: modelOver[upstream],
    stream,
    headers: { 'x-sandbox-fault': fault },
  });
  try {
    return { told: await conversation.say('say 12 words') };
  } catch (error) {
    return errorOf(client.shown, error);
  }
}

function errorOf(shown: Pairing['client']['shown'], error: unknown): Seen {
  try {
    const { message, status } = shown(error);
    return { message, status };
  } catch {
    // Not of the client's error class: its reader's own, of a stream that is not complete.
    return { message: error instanceof Error ? error.message : String(error), status: undefined };
  }
}
