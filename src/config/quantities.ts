/** How people write spans of time and amounts of bytes in a configuration file. */

const MILLISECONDS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
// IEC 80000-13: KiB is 1024 bytes, KB is 1000.
const BYTES = {
  b: 1,
  k: 1024,
  kb: 1000,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1000 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1000 ** 3,
  gib: 1024 ** 3,
} as const;

function unitOf<Units extends object>(units: Units, name: string): Units[keyof Units] | undefined {
  for (const [unit, factor] of Object.entries(units)) if (unit === name) return factor;
  return undefined;
}

/**
 * Milliseconds in a span of time: `30s`, `5m`, `1h30m`, `250ms`; a plain number is seconds.
 * Undefined for anything else, negative spans included.
 */
export function parseDuration(value: string | number): number | undefined {
  if (typeof value === 'number')
    return Number.isFinite(value) && value >= 0 ? Math.round(value * 1000) : undefined;
  const text = value.trim().toLowerCase();
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    total += Number(amount) * (unitOf(MILLISECONDS, unit ?? '') ?? 0);
  return Math.round(total);
}

/** Bytes in an amount: `64MiB`, `10 MB`, `512k`; a plain number is bytes. Undefined for anything else. */
export function parseSize(value: string | number): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(value.trim().toLowerCase());
  if (!match) return undefined;
  const factor = unitOf(BYTES, match[2] || 'b');
  const bytes = factor === undefined ? Number.NaN : Math.round(Number(match[1]) * factor);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
