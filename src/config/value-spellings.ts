/** Values that files of the peer write otherwise than the schema. */

/** Source: the peer's parsing of `routing.strategy`, which takes any case. */
const strategies: Readonly<Record<string, string>> = {
  rr: 'round-robin',
  roundrobin: 'round-robin',
  'round-robin': 'round-robin',
  wrr: 'weighted-round-robin',
  weighted: 'weighted-round-robin',
  weightedroundrobin: 'weighted-round-robin',
  'weighted-round-robin': 'weighted-round-robin',
  ff: 'fill-first',
  fillfirst: 'fill-first',
  'fill-first': 'fill-first',
};

/** Numbers and spans of which the peer takes a negative one for "none". */
const negativeIsNone: ReadonlySet<string> = new Set([
  'streaming.keepalive-seconds',
  'nonstream-keepalive-interval',
  'max-retry-interval',
  'request-retry',
  'max-retry-credentials',
  'logs-max-total-size-mb',
]);

/** The value in the schema's words; undefined where it has them already, or they are none. */
export function spelledOtherwise(pattern: string, value: unknown): string | number | undefined {
  if (pattern === 'routing.strategy' && typeof value === 'string') {
    const written = value.trim().toLowerCase().replaceAll('_', '-');
    const own = Object.hasOwn(strategies, written) ? strategies[written] : undefined;
    return own === value ? undefined : own;
  }
  return negativeIsNone.has(pattern) && typeof value === 'number' && value < 0 ? 0 : undefined;
}
