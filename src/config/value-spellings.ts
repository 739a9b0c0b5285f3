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

/** Numbers and spans for which CLIProxyAPI reads a negative value as "none", by its documentation. */
const negativeIsNone: ReadonlySet<string> = new Set([
  'streaming.keepalive-seconds',
  'nonstream-keepalive-interval',
  'max-retry-credentials',
  'logs-max-total-size-mb',
]);
/** Those of which -1 alone is known to mean that: another negative number is a slip of the pen. */
const minusOneIsNone: ReadonlySet<string> = new Set(['max-retry-interval', 'request-retry']);

/** The value in the schema's words; undefined where it has them already, or they are none. */
export function spelledOtherwise(pattern: string, value: unknown): string | number | undefined {
  if (pattern === 'routing.strategy' && typeof value === 'string') {
    const written = value.trim().toLowerCase().replaceAll('_', '-');
    const own = Object.hasOwn(strategies, written) ? strategies[written] : undefined;
    return own === value ? undefined : own;
  }
  if (typeof value !== 'number') return undefined;
  const isNone = minusOneIsNone.has(pattern) ? value === -1 : negativeIsNone.has(pattern) && value < 0;
  return isNone ? 0 : undefined;
}
