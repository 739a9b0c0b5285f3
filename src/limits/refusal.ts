/** What a client gets whose key has come to a limit: which limit, and when there is room again. */
import type { ProtocolError } from '../protocols/protocol-error.ts';
import type { LimitName, LimitRefusal } from './limit.ts';

/** Seconds after which a client may ask again when a running request is what it waits for. */
const soon = 1;

/**
 * 429 with `retryAfter`, or 413 for an input that no waiting helps. `name` is that of the key, undefined where it has none.
 */
export function limitError(refusal: LimitRefusal, name: string | undefined, now: number): ProtocolError {
  const { limit, most, used, resetsAt, tooLarge, heldElsewhere = false } = refusal;
  const key = name === undefined ? 'This key' : `The key ${name}`;
  const amount = amountText(limit, most);
  if (tooLarge)
    return {
      status: 413,
      kind: 'too-large',
      message: `${key} may use ${amount} (limit ${limit}), and this request alone exceeds it. Send a smaller request.`,
      code: 'request_too_large',
    };
  const retryAfter = resetsAt === undefined ? soon : Math.max(1, Math.ceil((resetsAt - now) / 1000));
  if (heldElsewhere)
    return {
      status: 429,
      kind: 'rate-limit',
      message: `${key} may use ${amount} (limit ${limit}) and has used ${amountText(limit, used, true)}. What is left is held at this moment, by requests that run or by other replicas of this gateway. Try again in ${soon}s.`,
      code: 'rate_limit_exceeded',
      retryAfter: soon,
    };
  const reset =
    resetsAt === undefined
      ? 'It is free again when a running request of this key ends.'
      : `It resets at ${localTime(resetsAt)}.`;
  return {
    status: 429,
    kind: 'rate-limit',
    message: `${key} may use ${amount} (limit ${limit}) and has used ${amountText(limit, used, true)}. ${reset} Try again in ${retryAfter}s.`,
    // Clients retry the one by themselves and show the other to their user.
    code: limit.startsWith('budget.') ? 'insufficient_quota' : 'rate_limit_exceeded',
    retryAfter,
  };
}

/** The use on other replicas is unknown, and the config admits no request then. */
export const unavailable: ProtocolError = {
  status: 503,
  kind: 'overloaded',
  message:
    'The limits of this key cannot be read at the moment (Valkey is away, and cluster.when-valkey-is-away is "refuse"). Try again in a few seconds.',
  code: 'limits_unavailable',
  retryAfter: 5,
};

/** `10 requests a minute`; `bare` leaves out what it is an amount of. */
export function amountText(limit: LimitName, amount: number, bare = false): string {
  const [, period, unit] = limit.split('.');
  if (unit === 'usd') {
    const money = `$${grouped(amount, 2, 4)}`;
    return bare ? money : `${money} a ${period}`;
  }
  const figure = grouped(amount, 0, 3);
  if (bare) return figure;
  if (unit === 'tokens') return `${figure} tokens a ${period}`;
  if (limit === 'concurrency') return `${figure} ${amount === 1 ? 'request' : 'requests'} at a time`;
  return limit === 'requests-per-minute'
    ? `${figure} ${amount === 1 ? 'request' : 'requests'} a minute`
    : `${figure} tokens a minute`;
}

/** `2026-11-24T00:00:00+01:00`: the computer's own time, in which days and months are counted. */
export function localTime(time: number): string {
  const offset = -new Date(time).getTimezoneOffset();
  const two = (value: number) => String(Math.floor(Math.abs(value))).padStart(2, '0');
  const shifted = new Date(time + offset * 60_000).toISOString().slice(0, 19);
  return `${shifted}${offset < 0 ? '-' : '+'}${two(offset / 60)}:${two(offset % 60)}`;
}

/** `1,234.5`: so many digits behind the point, at least and at most. By hand: what the runtime has for it takes megabytes. */
function grouped(amount: number, least: number, most: number): string {
  const [whole = '', fraction = ''] = amount.toFixed(most).split('.');
  const shown = fraction.replace(/0+$/, '').padEnd(least, '0');
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${shown === '' ? '' : `.${shown}`}`;
}
