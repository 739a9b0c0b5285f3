/** The cluster that a gateway is a replica of. Without one, nothing of it is loaded. */
import { createHash } from 'node:crypto';
import type { Cluster, ReplicaMessages } from '../cluster/ports.ts';
import { ClusterRefused } from '../config/cluster-refused.ts';
import type { Config } from '../config/schema.ts';
import { systemClock } from '../ground/clock.ts';
import type { OtherReplicas } from '../management/other-replicas.ts';
import type { ShownEngine } from '../management/own-answers.ts';
import type { KnownCluster } from '../management/server-facts.ts';
import { isoTime } from '../management/shown-time.ts';
import type { Log } from '../telemetry/log.ts';
import type { Alert } from './alert-changes.ts';
import type { AlertClaim } from './alerts.ts';
import type { EncryptedTexts } from './encrypted-texts.ts';
import type { ReplicaQuestions } from './replica-questions.ts';

/** Undefined where the configuration names none. Another one takes a new start. Throws ClusterRefused where it cannot be joined. */
export async function joinedCluster(options: {
  config: Pick<Config, 'cluster' | 'auth-encryption-key'>;
  worker?: number | undefined;
  version: string;
  log: Log;
}): Promise<Cluster | undefined> {
  const { version, log, worker } = options;
  const { cluster } = options.config;
  if (cluster === undefined) return undefined;
  const { openCluster } = await import('../cluster/open-cluster.ts');
  const { createEncryption } = await import('../accounts/encryption.ts');
  const { readEncryptionKey } = await import('../accounts/encryption-key.ts');
  const setting = options.config['auth-encryption-key'];
  const read = setting === undefined ? undefined : await readEncryptionKey(setting);
  if (read?.ok === false) throw new ClusterRefused(`auth-encryption-key: ${read.message}`);
  const encryption = createEncryption({ key: read?.key });
  return openCluster({ cluster, version, worker, encryption, log, clock: systemClock });
}

/** Where all replicas know who is signed in, and which sign-ins are under way; undefined where there is no cluster. `key`: `auth-encryption-key`. */
export async function sharedTexts(
  cluster: Cluster | undefined,
  key: () => string | undefined,
): Promise<EncryptedTexts | undefined> {
  const texts = cluster?.passing?.texts;
  if (texts === undefined) return undefined;
  const { encryptedTexts } = await import('./encrypted-texts.ts');
  return encryptedTexts(texts, key);
}

/** Ms that a change which one replica has alerted is remembered for the others, and that it has to deliver it. */
const alertedFor = 30 * 24 * 3600_000;
const deliveredWithin = 60_000;

/** One replica alerts a change, and another where that one dies over it; while the engine that carries it is away, each does. */
export function alertClaim(cluster: Cluster | undefined): AlertClaim | undefined {
  const texts = cluster?.passing?.texts;
  if (texts === undefined) return undefined;
  const nameOf = ({ kind, subject }: Alert, url: string): string => {
    const about = JSON.stringify([url, kind, subject]);
    return `alert:${createHash('sha256').update(about).digest('base64url')}`;
  };
  const release = (name: string): Promise<void> => texts.put(`${name}:taken`, '', 1);
  return {
    async take(alert, url) {
      const name = nameOf(alert, url);
      // Of what is the case already somebody has sent an alert; so what comes again later is alerted again.
      const isSent = async (): Promise<boolean> => (await texts.get(name)) === alert.state;
      if (await isSent()) return 'sent';
      if ((await texts.add(`${name}:taken`, cluster?.replica.id ?? '', deliveredWithin)) === false)
        return 'taken';
      if (!(await isSent())) return 'mine';
      await release(name);
      return 'sent';
    },
    async end(alert, url, settled) {
      const name = nameOf(alert, url);
      if (settled) await texts.put(name, alert.state, alertedFor);
      await release(name);
    },
  };
}

/** The cluster as the management API shows it, without the reports of its other replicas. */
export function knownCluster(cluster: Cluster): KnownCluster {
  const { name, replica, members } = cluster;
  return {
    name,
    replica: replica.id,
    replicas: members()
      .toSorted((one, other) => one.name.localeCompare(other.name) || one.startedAt - other.startedAt)
      .map(({ id, name, version, startedAt }) => ({ id, name, version, startedAt: isoTime(startedAt) })),
    engines: shownEngines(cluster),
    notShared: cluster.fast === undefined ? ['limits', 'cooldowns', 'quotas', 'conversations'] : [],
  };
}

export function shownEngines({ engines }: Pick<Cluster, 'engines'>): ShownEngine[] {
  return engines().map(({ name, state }) => ({
    name,
    state: state.kind,
    why: state.kind === 'down' ? state.why : (state.degraded ?? null),
    since: state.kind === 'down' ? isoTime(state.since) : null,
  }));
}

/**
 * The other replicas, as the management asks them; undefined where there is no cluster. `answer` answers
 * theirs; `key`: `auth-encryption-key`. What carries them is loaded with the first.
 */
export function otherReplicas(
  cluster: Cluster | undefined,
  answer: (path: string) => Promise<Response>,
  key: () => string | undefined,
): OtherReplicas | undefined {
  const messages = cluster?.passing?.messages;
  if (cluster === undefined || messages === undefined) return undefined;
  const { replica, members } = cluster;
  let loading: Promise<ReplicaQuestions> | undefined;
  async function load(carried: ReplicaMessages): Promise<ReplicaQuestions> {
    const [{ replicaQuestions }, { sharedEncryption }] = await Promise.all([
      import('./replica-questions.ts'),
      import('./shared-encryption.ts'),
    ]);
    return replicaQuestions({
      ...{ messages: carried, replica: replica.id, answer },
      sharedEncryption: sharedEncryption(key),
      clock: systemClock,
    });
  }
  const questions = (): Promise<ReplicaQuestions> => {
    loading ??= load(messages);
    return loading;
  };
  messages.onMessage((text) => void questions().then(({ take }) => take(text)));
  return {
    self: replica,
    list: () => members().filter(({ id }) => id !== replica.id),
    ask: async (id, path, ms) => (await questions()).ask(id, path, ms),
  };
}
