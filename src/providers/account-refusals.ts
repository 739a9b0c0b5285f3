/** Refusals that several providers share, and the clocks that their quotas follow. */
import { asNumber, asObject, asObjects, asString } from '../protocols/json.ts';
import { type Refusal, type RefusedAnswer, secondsUntil } from './refusal.ts';

/** Google's `ErrorInfo` and `Help` say where the account's owner must go. Source: google.aip.dev/193. */
function googleLink({ body }: RefusedAnswer): string | undefined {
  const details = asObjects(asObject(body.error)?.details);
  const named = details.map((detail) => asString(asObject(detail.metadata)?.validation_url));
  const linked = details.flatMap((detail) => asObjects(detail.links).map(({ url }) => asString(url)));
  return [...named, ...linked].find((address) => address?.startsWith('https://'));
}

function googleNext(otherwise: string): (answer: RefusedAnswer) => string {
  return (answer) => {
    const link = googleLink(answer);
    return link === undefined ? otherwise : `open ${link} with this account, then send the request again`;
  };
}

/** Google's Code Assist, for Gemini CLI and Antigravity; `command` signs in again. */
export function googleRefusals(command: string): readonly Refusal[] {
  return [
    {
      statuses: [403],
      says: /VALIDATION_REQUIRED/,
      next: googleNext(
        'Google wants this account verified: sign in to it in a browser and follow what it asks',
      ),
    },
    {
      statuses: [403],
      says: /SERVICE_DISABLED|has not been used in project|accessNotConfigured/,
      next: googleNext(`switch on "Gemini for Google Cloud" in the project, or choose another: ${command}`),
    },
    {
      statuses: [403],
      says: /PERMISSION_DENIED/,
      next: `the account may not use this project; choose another: ${command}`,
    },
  ];
}

/** A subscription that its provider keeps to its own programs: nothing that a gateway could or should do about it. */
export function ownProgramsOnly(statuses: readonly number[], says: RegExp, key: string): Refusal {
  const next = `the provider's terms decide which programs a subscription may be used with; an API key has no such limit: ${key}`;
  return { statuses, says, means: 'forbidden', next };
}

/** A challenge page stands before the API: a person's browser would pass, a program does not. */
export const challengePage: Refusal = {
  statuses: [403, 503],
  says: /<title>Just a moment|cf-mitigated|challenge-platform|_cf_chl/i,
  next: "the provider's guard turned this network away before the API was reached; try another network or a proxy-url for the account",
};

/** The Codex backend tells when a plan's quota begins anew: `resets_at` in Unix seconds, or `resets_in_seconds`. */
export function codexReset({ body, headers }: RefusedAnswer, now: number): number | undefined {
  const error = asObject(body.error) ?? body;
  return (
    secondsUntil(asNumber(error.resets_at), now) ??
    asNumber(error.resets_in_seconds) ??
    secondsUntil(numberIn(headers.get('x-codex-primary-reset-at')), now)
  );
}

/** Claude's subscriptions: the latest of the limits that are used up. Source: auth.md §5.3, headers of api.anthropic.com. */
export function claudeReset({ headers }: RefusedAnswer, now: number): number | undefined {
  const windows = ['', '-5h', '-7d', '-7d_oi'];
  const resets = windows.flatMap((window) => {
    const name = `anthropic-ratelimit-unified${window}`;
    const rejected = window === '' || headers.get(`${name}-status`) === 'rejected';
    const wait = rejected ? secondsUntil(numberIn(headers.get(`${name}-reset`)), now) : undefined;
    return wait === undefined ? [] : [wait];
  });
  return resets.length === 0 ? undefined : Math.max(...resets);
}

function numberIn(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}

const day = 86_400;
/** Beijing is eight hours ahead of UTC all year. */
const beijing = 8 * 3600;

/** Seconds until the next midnight in Beijing, when Qwen's quota of the day begins anew. */
export function untilBeijingMidnight(_answer: RefusedAnswer, now: number): number {
  const seconds = Math.floor(now / 1000) + beijing;
  return day - (seconds % day);
}

/** Once a day is what is left to try. */
export const aDay = (): number => day;
