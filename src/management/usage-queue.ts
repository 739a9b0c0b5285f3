/** The queue of finished requests that programs of others keep their usage from. */
import { z } from 'zod';
import type { Config } from '../config/schema.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { yieldToEventLoop } from '../ground/steps.ts';
import type { UsageQueue } from '../usage/usage-queue.ts';
import { knownCredentials } from './known-credentials.ts';
import { queueRecord } from './queue-record.ts';
import { json, jsonText, refuse } from './reply.ts';
import { type Route, route } from './route.ts';
import { shownClientKeys } from './shown-client-keys.ts';

export interface UsageQueueDeps {
  usageQueue: Pick<UsageQueue, 'take'>;
  gateway: Pick<Gateway, 'credentials'>;
  config: () => Pick<Config, 'api-keys'>;
}

/** Records of one answer: those that are left come with the next. */
const mostRecords = 1000;
/** Records of one turn. */
const portion = 100;
/** Characters of a reader's name. */
const longestReader = 100;

export function usageQueueRoutes({ usageQueue, gateway, config }: UsageQueueDeps): Route[] {
  return [
    route({
      method: 'GET',
      v0: 'usage-queue',
      answers: 'usageQueue',
      refuses: { 400: ['bad_parameter'] },
      v8: 'observability/usage/queue',
      sentence:
        'Takes finished requests out of the queue, the oldest first: `count` of them (1). A `reader` has a position of its own; those without share one. Needs `usage-statistics-enabled`.',
      query: z.object({ count: z.string().optional(), reader: z.string().max(longestReader).optional() }),
      async run({ query: { count = '1', reader = '' } }) {
        if (!/^\+?\d{1,15}$/.test(count) || Number(count) === 0)
          return refuse(400, 'count must be a positive integer', { code: 'bad_parameter' });
        const taken = usageQueue.take(reader, Math.min(Number(count), mostRecords));
        if (taken.length === 0) return json([]);
        const deps = {
          credential: knownCredentials(gateway.credentials()),
          clientKey: shownClientKeys(config()['api-keys']),
        };
        const pieces: string[] = [];
        for (let from = 0; from < taken.length; from += portion) {
          const records = taken.slice(from, from + portion).map((queued) => queueRecord(queued, deps));
          pieces.push(JSON.stringify(records).slice(1, -1));
          await yieldToEventLoop();
        }
        return jsonText(`[${pieces.join(',')}]`);
      },
    }),
  ];
}
