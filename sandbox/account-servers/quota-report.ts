/** What an account has left, as each provider reports it to its own programs. An account that lacks quota has used all of it. */
import { jsonAnswer } from '../delivery.ts';
import type { JsonObject } from '../json.ts';
import { asString } from '../json-members.ts';
import { type AccountCall, statusFault } from './account-deps.ts';
import { bodyOf, foreignProject, owns } from './code-assist.ts';
import { demandPerson } from './profiles.ts';

/** Where, by the provider: the method and the path. */
const addresses = {
  claude: 'GET /api/oauth/usage',
  codex: 'GET /backend-api/wham/usage',
  kimi: 'GET /coding/v1/usages',
  gemini: 'POST /v1internal:retrieveUserQuota',
} as const;

/** Undefined for paths that are no such address. */
export async function quotaReport(call: AccountCall): Promise<Response | undefined> {
  const { name, path, request, deps } = call;
  if (!(name in addresses)) return undefined;
  const known = name as keyof typeof addresses;
  if (`${request.method} ${path}` !== addresses[known]) return undefined;
  const person = demandPerson(call);
  if (person instanceof Response) return person;
  const struck = statusFault(call, 'quota', person.id);
  if (struck !== undefined) return struck;
  if (known === 'gemini') {
    const body = await bodyOf(call);
    if (body instanceof Response) return body;
    const project = asString(body.project);
    if (project !== undefined && !owns(person, project)) return foreignProject(project);
  }
  return jsonAnswer(reports[known](deps.ledger.now()));
}

const hour = 3_600_000;
const iso = (time: number): string => new Date(time).toISOString();
const seconds = (time: number): number => Math.floor(time / 1000);

const reports: Record<keyof typeof addresses, (now: number) => JsonObject> = {
  claude: (now) => ({
    five_hour: { utilization: 24, resets_at: iso(now + 2 * hour) },
    seven_day: { utilization: 36, resets_at: iso(now + 72 * hour) },
    seven_day_sonnet: { utilization: 1, resets_at: iso(now + 72 * hour) },
    seven_day_opus: null,
    extra_usage: { is_enabled: false, monthly_limit: null, used_credits: null, utilization: null },
  }),
  codex: (now) => {
    const window = (used_percent: number, limit_window_seconds: number, left: number) => ({
      ...{ used_percent, limit_window_seconds },
      ...{ reset_after_seconds: left, reset_at: seconds(now) + left },
    });
    return {
      plan_type: 'pro',
      rate_limit: {
        ...{ allowed: true, limit_reached: false },
        primary_window: window(12, 18_000, 7200),
        secondary_window: window(90, 604_800, 86_400),
      },
      additional_rate_limits: [
        {
          ...{ limit_name: 'GPT-5.6-Spark', metered_feature: 'codex_bengalfox' },
          rate_limit: {
            ...{ allowed: true, limit_reached: false },
            primary_window: window(50, 18_000, 7200),
            secondary_window: null,
          },
        },
      ],
      credits: { has_credits: false, unlimited: false, balance: null },
    };
  },
  kimi: (now) => ({
    user: { membership: { level: 'LEVEL_INTERMEDIATE' } },
    usage: { limit: '100', used: '26', remaining: '74', resetTime: iso(now + 72 * hour) },
    limits: [
      {
        window: { duration: 300, timeUnit: 'TIME_UNIT_MINUTE' },
        detail: { limit: '100', used: '15', remaining: '85', resetTime: iso(now + 2 * hour) },
      },
    ],
  }),
  gemini: (now) => ({
    buckets: ['gemini-2.5-pro', 'gemini-2.5-flash'].map((modelId, index) => ({
      ...{ modelId, tokenType: 'REQUESTS', resetTime: iso(now + 20 * hour) },
      remainingFraction: index === 0 ? 0.4 : 0.9,
    })),
  }),
};
