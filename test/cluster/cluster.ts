/** A whole cluster for one test: two engines behind networks that can be bad, and replicas. */

import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asObject } from '../../src/protocols/json-members.ts';
import { type Replica, type Replicas, startReplica, startReplicas } from './replicas.ts';
import { type PostgresServer, startPostgres, startValkey, type ValkeyServer } from './servers.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

export interface TestCluster extends AsyncDisposable {
  valkey: ValkeyServer;
  postgres: PostgresServer;
  /** What lies between all replicas and the engine. */
  toValkey: TcpProxy;
  toPostgres: TcpProxy;
  replicas: Replicas;
  /** One more, which is in none of the above. */
  another(options?: { env?: Record<string, string>; settings?: JsonObject }): Promise<Replica>;
}

export interface ClusterOptions {
  replicas: number;
  /** Upstreams, keys and whatever else all have in common. */
  settings: JsonObject;
  /** Further keys of `cluster`. */
  cluster?: JsonObject;
  /** Of Valkey: keeps what it has over a kill. */
  keeps?: boolean;
}

export async function startCluster({
  replicas: count,
  settings,
  cluster = {},
  keeps,
}: ClusterOptions): Promise<TestCluster> {
  const stack = new AsyncDisposableStack();
  try {
    const [valkey, postgres] = await Promise.all([startValkey({ keeps: keeps === true }), startPostgres()]);
    stack.use(valkey);
    stack.use(postgres);
    const toValkey = stack.use(await startTcpProxy(valkey));
    const toPostgres = stack.use(await startTcpProxy(postgres));
    const shared: JsonObject = {
      'auth-encryption-key': 'encryption-key-of-the-tests',
      'shutdown-drain': '0s',
      cluster: {
        valkey: toValkey.through(valkey.url),
        postgres: toPostgres.through(postgres.url),
        ...cluster,
      },
      ...settings,
    };
    const replicas = stack.use(await startReplicas(count, { settings: shared }));
    const all = stack.move();
    return {
      ...{ valkey, postgres, toValkey, toPostgres, replicas },
      async another({ env = {}, settings: further = {} } = {}) {
        return all.use(await startReplica({ settings: { ...shared, ...further }, env }));
      },
      [Symbol.asyncDispose]: () => all.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** What `/readyz` says: the status code, and each engine's state. */
export async function readinessOf({ url }: { url: string }): Promise<{ status: number; engines: unknown }> {
  const answer = await fetch(`${url}/readyz`);
  return { status: answer.status, engines: asObject(parseJson(await answer.text()))?.engines };
}
