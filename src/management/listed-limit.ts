/** The state of a client key's limit, as answered to its owner and to the gateway's. */
import type { LimitUsage } from '../limits/limit.ts';
import type { KeyLimit } from './own-answers.ts';
import { isoTime } from './shown-time.ts';

export function listedLimit({ limit, most, used, resetsAt }: LimitUsage): KeyLimit {
  return {
    limit,
    most,
    used,
    left: Math.max(0, most - used),
    resets: resetsAt === undefined ? null : isoTime(resetsAt),
  };
}
