/** What was used: sums, series, requests, exports, and costs anew. */
import { z } from 'zod';
import { refusals, usageRefusals } from './error-codes.ts';
import { type Route, route } from './route.ts';
import { type UsageAnswers, usageParameters } from './usage-answers.ts';

/** The parameters of an address. Invalid ones are reported by their reader. */
export const usageQuery = (what: keyof typeof usageParameters) =>
  z.object(Object.fromEntries(usageParameters[what].map((name) => [name, z.string().optional()])));

export function usageRoutes(answers: UsageAnswers): Route[] {
  const answered = async (
    method: string,
    rest: readonly string[],
    search: URLSearchParams,
    changed?: string,
  ) => {
    const response = await answers.handle(method, rest, search);
    return { response, changed: response.ok ? changed : undefined };
  };
  const spans = '`since`, `until`, and filters by `key`, `credential`, `provider`, `model`, `session`';

  const refuses = refusals(usageRefusals, { 400: ['bad_parameter'] });

  return [
    route({
      method: 'GET',
      v0: 'usage/summary',
      answers: 'usageTable',
      refuses,
      sentence: `Sums of usage, \`by\` key, account, provider, model or session: ${spans}.`,
      query: usageQuery('summary'),
      run: ({ search }) => answered('GET', ['summary'], search),
    }),
    route({
      method: 'GET',
      v0: 'usage/series',
      answers: 'usageTable',
      refuses,
      sentence: `Usage by hour or day (\`step\`): ${spans}.`,
      query: usageQuery('series'),
      run: ({ search }) => answered('GET', ['series'], search),
    }),
    route({
      method: 'GET',
      v0: 'usage/requests',
      answers: 'usageRequests',
      refuses,
      sentence: `Requests, latest first: ${spans}, \`status\`, \`limit\`, \`before\`.`,
      query: usageQuery('requests'),
      run: ({ search }) => answered('GET', ['requests'], search),
    }),
    route({
      method: 'GET',
      v0: 'usage/requests/:id',
      answers: 'usageRequest',
      refuses: refusals(refuses, { 404: ['request_not_found'] }),
      sentence: 'One request with its attempts.',
      run: ({ parameter, search }) => answered('GET', ['requests', parameter('id')], search),
    }),
    route({
      method: 'POST',
      v0: 'usage/recompute',
      answers: 'usageRecomputed',
      refuses,
      sentence: 'Recalculates the costs of a time range with the current prices.',
      query: usageQuery('recompute'),
      run: ({ search }) => answered('POST', ['recompute'], search, 'costs recomputed'),
    }),
  ];
}
