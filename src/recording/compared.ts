/** Whether two answers are the same: what is made anew with every answer aside (identifiers, times), as JSON, or event by event. */
import { isGroup } from '../config/group.ts';
import { parseJson } from '../protocols/json.ts';
import { sseReader } from '../protocols/sse.ts';

export interface Difference {
  /** `status`, `event 3: choices[0].delta.content`. */
  where: string;
  recorded: string;
  now: string;
}

/** Members that are others in every answer. */
const volatile =
  /^(?:id|.*_id|.*Id|created|created_at|completed_at|system_fingerprint|createTime|signature|thoughtSignature|thought_signature|encrypted_content|obfuscation|requestId|previous_response_id|expires_at|prompt_cache_key)$/;

/** Differences that are listed; further ones are counted. */
const mostListed = 40;
/** Characters of a value that are shown. */
const longestShown = 160;

/** Of two bodies; empty if they are equal. */
export function comparedBodies(recorded: string, now: string): Difference[] {
  const differences: Difference[] = [];
  const [before, after] = [partsOf(recorded), partsOf(now)];
  const several = before.length > 1 || after.length > 1;
  for (let index = 0; index < Math.max(before.length, after.length); index++)
    compare(before[index], after[index], several ? `event ${index + 1}` : 'body', differences);
  return differences.length <= mostListed
    ? differences
    : [
        ...differences.slice(0, mostListed),
        { where: `${differences.length - mostListed} more`, recorded: '', now: '' },
      ];
}

/** The events of a stream, the JSON of a body, or its text. Comments only keep a connection alive. */
function partsOf(text: string): unknown[] {
  const whole = parseJson(text);
  if (whole !== undefined) return [whole];
  if (!text.split(/\r?\n/).every((line) => line === '' || eventLine.test(line))) return [text];
  const parts: unknown[] = [];
  const reader = sseReader(({ event, data }) => {
    const value = parseJson(data) ?? data;
    parts.push(event === undefined ? value : { event, data: value });
  });
  reader.push(new TextEncoder().encode(text));
  reader.end();
  return parts;
}

const eventLine = /^(?:data|event|id|retry)?(?::|$)/;

function compare(before: unknown, now: unknown, where: string, differences: Difference[]): void {
  if (Object.is(before, now)) return;
  if (Array.isArray(before) && Array.isArray(now)) {
    for (let index = 0; index < Math.max(before.length, now.length); index++)
      compare(before[index], now[index], `${where}[${index}]`, differences);
    return;
  }
  if (isGroup(before) && isGroup(now)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
      // That there is one is no matter of chance.
      if (
        (volatile.test(key) || (key === 'data' && isSealed(before))) &&
        (before[key] === undefined) === (now[key] === undefined)
      )
        continue;
      compare(before[key], now[key], `${where}.${key}`, differences);
    }
    return;
  }
  differences.push({ where, recorded: shown(before), now: shown(now) });
}

/** Thinking of which a client sees no more than what only its provider can read. */
function isSealed({ type }: Record<string, unknown>): boolean {
  return type === 'reasoning.encrypted' || type === 'redacted_thinking';
}

function shown(value: unknown): string {
  const text = value === undefined ? '(nothing)' : JSON.stringify(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}
