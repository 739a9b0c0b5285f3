/** Takes a listener out of service without losing a request, for any client. */

import type { Config } from '../config/schema.ts';
import type { Clock } from '../ground/clock.ts';
import { beginNoConnections } from './no-new-connections.ts';

/** What a listener answers with. */
interface Answers<Server> {
  fetch(request: Request, server: Server): Promise<Response | undefined>;
}

interface Drained<Server, Answering extends Answers<Server>> {
  port: number;
  /** Those in force. */
  answers: Answering;
  /** Puts others in force, for the next request of every connection. */
  reload(answers: Answering): void;
}

/** Milliseconds that a replica drains where nothing else is written: longer than a balancer keeps idle connections. */
const replicaDrain = 5000;

/** Milliseconds for which a gateway that was asked to stop still takes requests. */
export function drainTime(config: Pick<Config, 'shutdown-drain' | 'cluster'>): number {
  return config['shutdown-drain'] ?? (config.cluster === undefined ? 0 : replicaDrain);
}

/**
 * Milliseconds between the last new connection and the end: what is under way arrives, and is answered. Longer than a round trip
 * on any network that has a load balancer in front.
 */
const settling = 250;

/**
 * Resolves after `time` milliseconds, for which it goes on answering. Load balancers that ask `/readyz` send nothing more
 * meanwhile. Connections of those that do not ask close with the answer to their next request, which is announced in it, so that
 * no request is sent into a connection that ends. At last no connection is begun any more: a balancer that meets that goes to
 * another replica.
 */
export async function drain<Server, Answering extends Answers<Server>>(
  { port, answers, reload }: Drained<Server, Answering>,
  time: number,
  wait: Clock['wait'],
): Promise<void> {
  if (time === 0) return;
  const last = Math.min(settling, time);
  reload({
    ...answers,
    fetch: (request: Request, server: Server) => announced(answers.fetch(request, server)),
  });
  await wait(time - last);
  if (await beginNoConnections(port)) await wait(last);
}

async function announced(answer: Promise<Response | undefined>): Promise<Response | undefined> {
  const response = await answer;
  response?.headers.set('connection', 'close');
  return response;
}
