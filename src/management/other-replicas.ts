/**
 * The other replicas of a cluster, as the management asks them: what is each replica's own, its log and how its latest requests
 * went, is reachable from all. `?replica=` names one by its id, or by its name where that is one replica's alone.
 */
import { pathOf } from '../ground/url-path.ts';
import type { ManagementAnswer } from './own-answers.ts';
import { type Reply, refuse } from './reply.ts';

export interface ReplicaName {
  id: string;
  name: string;
}

export interface OtherReplicas {
  self: ReplicaName;
  /** Without this one, as known last. */
  list(): readonly ReplicaName[];
  /** Asks one of them for a GET of this address, and waits for so many ms at most. */
  ask(
    replica: string,
    path: string,
    ms: number,
  ): Promise<{ ok: true; response: Response } | { ok: false; sentence: string }>;
}

/** A replica that has not answered, and why. */
export interface SilentReplica extends ReplicaName {
  why: string;
}

/** Ms that one replica has for its answer where a person has asked for it, and where all are asked. */
const timeOfOne = 5000;
const timeOfAll = 1500;

/** The answer of the replica that the query names; undefined where that is this one, or none is named. */
export async function answerElsewhere(
  replicas: OtherReplicas | undefined,
  { url }: Pick<Request, 'url'>,
  search: URLSearchParams,
): Promise<Reply | undefined> {
  const named = search.get('replica');
  if (named === null || named === '') return undefined;
  const all = replicas === undefined ? [] : [replicas.self, ...replicas.list()];
  const found = all.filter(({ id, name }) => id === named || name === named);
  const [one] = found.filter(({ id }) => id === named).concat(found);
  if (replicas === undefined || one === undefined)
    return refuse(404, `There is no replica ${JSON.stringify(named)}.`, { code: 'replica_not_found' });
  if (one.id !== named && found.length > 1)
    return refuse(
      400,
      `${found.length} replicas have the name ${named}: use the id of one, as listed by "cluster".`,
      {
        code: 'bad_parameter',
      },
    );
  if (one.id === replicas.self.id) return undefined;
  const asked = await replicas.ask(one.id, withoutReplica(url, search), timeOfOne);
  return asked.ok
    ? { response: asked.response }
    : refuse(504, `The replica ${one.name}: ${asked.sentence}.`, { code: 'replica_silent' });
}

function withoutReplica(url: string, search: URLSearchParams): string {
  const rest = new URLSearchParams(search);
  rest.delete('replica');
  return rest.size === 0 ? pathOf(url) : `${pathOf(url)}?${rest}`;
}

/** What all others answer to a GET of this address, each with its name, and who does not. `read` judges what is in an answer. */
export async function answersOfOthers<Answer>(
  replicas: OtherReplicas | undefined,
  path: string,
  read: (answer: ManagementAnswer) => Answer | undefined,
): Promise<{ answers: (ReplicaName & { answer: Answer })[]; silent: SilentReplica[] }> {
  const answers: (ReplicaName & { answer: Answer })[] = [];
  const silent: SilentReplica[] = [];
  const askOne = async ({ id, name }: ReplicaName, ask: OtherReplicas['ask']): Promise<void> => {
    const asked = await ask(id, path, timeOfAll);
    if (!asked.ok) {
      silent.push({ id, name, why: asked.sentence });
      return;
    }
    const { status } = asked.response;
    if (status >= 500) silent.push({ id, name, why: `status ${status}` });
    if (status !== 200) return;
    // It is sealed with the key of the cluster: it comes from this program, if of another version.
    const body: ManagementAnswer = JSON.parse(await asked.response.text());
    const answer = read(body);
    if (answer !== undefined) answers.push({ id, name, answer });
  };
  if (replicas !== undefined) await Promise.all(replicas.list().map((one) => askOne(one, replicas.ask)));
  return { answers, silent };
}
