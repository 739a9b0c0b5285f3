/** Where commands about usage ask: the gateway that runs with the same `auth-dir`, or the file that it left. */

import { existsSync } from 'node:fs';
import type { Config } from '../../config/schema.ts';
import { systemClock } from '../../ground/clock.ts';
import { isUseless } from '../../ground/database-file.ts';
import { reasonOf } from '../../ground/reason.ts';
import { Failure } from '../failure.ts';
import { responseOf } from '../running-gateway.ts';

/** The answer to `GET /v0/management/usage/…`. Throws a {@link Failure} with the sentence of a refusal. */
export async function usageResponse(
  config: Config,
  path: string,
  params: Record<string, string | undefined>,
  method: 'GET' | 'POST' = 'GET',
): Promise<Response> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value !== undefined) query.set(name, value);
  const running = await responseOf(config['auth-dir'], `usage/${path}?${query}`, method);
  const response = running ?? (await fromFile(config, path, query, method));
  if (response.ok) return response;
  const refusal: { error?: string } = JSON.parse(await response.text());
  throw new Failure(
    response.status === 400 ? 'usage' : 'failure',
    refusal.error ?? `status ${response.status}`,
  );
}

/** No gateway runs: the file answers, in this process. */
async function fromFile(
  config: Config,
  path: string,
  query: URLSearchParams,
  method: string,
): Promise<Response> {
  const { usageFile, openSoundUsage } = await import('../../usage/usage-database.ts');
  const file = usageFile(config['auth-dir']);
  if (!existsSync(file))
    throw new Failure(
      'unavailable',
      `no usage is kept in ${config['auth-dir']} yet`,
      'It is written by the gateway, from its first request on. Name its config with --config FILE.',
    );
  const { localDays, ownTimezone } = await import('../../usage/local-day.ts');
  const { priceList } = await import('../../usage/price-list.ts');
  const { usageAnswers } = await import('../../management/usage-answers.ts');
  const { openModels } = await import('../../server/models-file.ts');
  await openModels(config['auth-dir'], () => {});
  let database: ReturnType<typeof openSoundUsage>;
  try {
    database = openSoundUsage(file);
  } catch (error) {
    throw new Failure(
      'failure',
      `${file} cannot be read: ${reasonOf(error)}`,
      isUseless(error)
        ? 'The gateway moves it aside at its next start, and begins a new one. Put a copy in its place to have it back.'
        : undefined,
    );
  }
  const days = localDays(config.usage.timezone ?? ownTimezone());
  const prices = priceList(config.prices, config['model-routes']);
  const answers = usageAnswers(
    { open: async () => ({ ok: true, database, days }), prices: () => prices },
    systemClock.now,
  );
  return answers.handle(method, path.split('/').map(decodeURIComponent), query);
}
