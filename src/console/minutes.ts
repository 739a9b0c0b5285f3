/** Requests a minute over the last hour, counted from the newest traces: no store is asked for it. */
import type { RequestTrace } from '../gateway/trace/request-trace.ts';
import type { Overview } from './wire.ts';

const minute = 60_000;
const shown = 60;

export function lastMinutes(traces: readonly RequestTrace[], now: number): Overview['minutes'] {
  const first = Math.floor(now / minute) - shown + 1;
  const minutes = Array.from({ length: shown }, (_, at) => ({
    at: new Date((first + at) * minute).toISOString(),
    ok: 0,
    failed: 0,
  }));
  for (const { at, outcome } of traces) {
    const place = minutes[Math.floor(at / minute) - first];
    if (place === undefined || outcome === undefined) continue;
    if (outcome.error === undefined && outcome.status < 400) place.ok += 1;
    else place.failed += 1;
  }
  return minutes;
}
