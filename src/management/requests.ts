/** How requests went, and where one would go now. */

import { z } from 'zod';
import { keyId } from '../config/hashed-key.ts';
import type { Config } from '../config/schema.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { mayAsk, usableBy } from '../gateway/key-permission.ts';
import type { RequestTrace } from '../gateway/trace/request-trace.ts';
import type { Clock } from '../ground/clock.ts';
import type { LimitedKey, Limiter } from '../limits/limiter.ts';
import { mayUseModel } from '../limits/permission.ts';
import { listedLimit } from './listed-limit.ts';
import { answersOfOthers, type OtherReplicas } from './other-replicas.ts';
import type { KeyChoice, ManagementAnswer } from './own-answers.ts';
import { json, type Reply, refuse } from './reply.ts';
import { type Route, route } from './route.ts';
import type { UsageAnswers } from './usage-answers.ts';

export interface RequestsDeps {
  gateway: Pick<Gateway, 'trace' | 'traces' | 'choiceFor' | 'pool' | 'catalog'>;
  limiter: Pick<Limiter, 'usageOf'>;
  config: () => Pick<Config, 'api-keys'>;
  now: Clock['now'];
  /** Of a cluster whose replicas can be asked. */
  replicas?: OtherReplicas | undefined;
}

/** Requests that a list has without `count`. */
const usualCount = 20;

export function requestRoutes(
  { gateway, limiter, config, now, replicas }: RequestsDeps,
  usage: Pick<UsageAnswers, 'trace'>,
): Route[] {
  function keyChoice({ key, name, limits = {} }: Config['api-keys'][number], model: string): KeyChoice {
    const limited: LimitedKey = { id: keyId(key), name, limits };
    const found = gateway.catalog().route(model);
    const survey = found && gateway.pool.survey(found, 0, now(), usableBy(limited, model, found));
    return {
      name: name ?? 'client',
      mayUseModel: found === undefined ? mayUseModel(limits, model) : mayAsk(limited, model, found),
      candidates: survey?.candidates ?? 0,
      ready: survey?.ready ?? 0,
      limits: limiter.usageOf(limited).map(listedLimit),
    };
  }

  /** The latest of this replica and of all others, each with the name of its own. */
  async function latest(count: number): Promise<ManagementAnswer> {
    const own = gateway.traces(count);
    if (replicas === undefined) return { requests: own };
    const path = `/v0/management/requests?count=${count}`;
    const { answers, silent } = await answersOfOthers(replicas, path, tracesIn);
    const { self } = replicas;
    const requests = [{ name: self.name, answer: own }, ...answers]
      .flatMap(({ name, answer: traces }) => traces.map((trace) => ({ ...trace, replica: name })))
      .sort((one, other) => other.at - one.at)
      .slice(0, count);
    return { requests, ...(silent.length > 0 && { silent }) };
  }

  /** From the memory of whichever other replica has it there. */
  async function traceElsewhere(id: string): Promise<RequestTrace | undefined> {
    const path = `/v0/management/requests/${encodeURIComponent(id)}`;
    const [found] = (await answersOfOthers(replicas, path, traceIn)).answers;
    return found && { ...found.answer, replica: found.name };
  }

  return [
    route({
      method: 'GET',
      v0: 'requests',
      answers: 'requests',
      sentence:
        'The latest requests, of all replicas where there are several, and what each has been through.',
      perReplica: true,
      query: z.object({ count: z.string().optional() }),
      async run({ query, caller, search }) {
        const count = Number(query.count) || usualCount;
        if (caller.key === 'replica' || search.has('replica'))
          return answer({ requests: gateway.traces(count) });
        return answer(await latest(count));
      },
    }),
    route({
      method: 'GET',
      v0: 'requests/:id',
      answers: 'request',
      refuses: { 404: ['request_not_found'] },
      sentence:
        'What one request has been through, by the `x-request-id` of its answer, whichever replica had it.',
      perReplica: true,
      async run({ parameter, caller, search }) {
        const id = parameter('id');
        const asksAll = caller.key !== 'replica' && !search.has('replica');
        const live = gateway.trace(id) ?? (asksAll ? await traceElsewhere(id) : undefined);
        if (caller.key === 'replica') return live === undefined ? notFound(id) : answer({ request: live });
        // What the cache was to a request is known from the turn before it.
        const kept = live !== undefined && live.outcome === undefined ? undefined : await usage.trace(id);
        const found = live === undefined ? kept : { ...live, ...(kept?.cache && { cache: kept.cache }) };
        return found === undefined ? notFound(id) : answer({ request: found });
      },
    }),
    route({
      method: 'GET',
      v0: 'routing',
      answers: 'routing',
      refuses: { 400: ['missing_parameter'], 404: ['model_not_found', 'key_not_found'] },
      sentence: 'Which credentials would serve a model now, and what a client key may use of them.',
      query: z.object({ model: z.string().optional(), key: z.string().optional() }),
      run({ query: { model, key: name } }) {
        if (model === undefined) return refuse(400, 'Say model.', { code: 'missing_parameter' });
        const choice = gateway.choiceFor(model);
        if (choice === undefined)
          return refuse(404, `No credential serves the model "${model}".`, { code: 'model_not_found' });
        if (name === undefined) return answer({ model, choice, key: null });
        const found = config()['api-keys'].find((entry) => entry.name === name || entry.key === name);
        if (found === undefined)
          return refuse(404, 'No client key has this name.', { code: 'key_not_found' });
        return answer({ model, choice, key: keyChoice(found, model) });
      },
    }),
  ];
}

function answer(body: ManagementAnswer): Reply {
  return json(body);
}

function notFound(id: string): Reply {
  return refuse(
    404,
    `No request "${id}" is remembered: only the latest are, and those that usage keeps (usage.keep-requests).`,
    { code: 'request_not_found' },
  );
}

function tracesIn(answer: ManagementAnswer): RequestTrace[] | undefined {
  return 'requests' in answer ? answer.requests : undefined;
}

function traceIn(answer: ManagementAnswer): RequestTrace | undefined {
  return 'request' in answer ? answer.request : undefined;
}
