/**
 * Edits of JSON text that leave everything else byte for byte: order, layout, numbers beyond a double's precision. The text
 * must be one valid JSON object.
 */
import type { Json, JsonObject } from '../protocols/json.ts';
import { skipTextSpace, walkTextMembers } from '../protocols/json-text-span.ts';

interface Member {
  key: string;
  start: number;
  valueStart: number;
  valueEnd: number;
}

interface ObjectSpan {
  members: readonly Member[];
  /** Index of `{`. */
  open: number;
  /** Index of `}`. */
  close: number;
}

/** The text with the member set: in place where there is one, else as the object's last. All but the last key must be there. */
export function setMember(text: string, path: readonly string[], value: Json): string {
  const { span, key } = locate(text, path);
  const existing = span.members.findLast((member) => member.key === key);
  if (existing) {
    const layout = JSON.stringify(value, null, indentStep(text, span));
    return (
      text.slice(0, existing.valueStart) +
      indented(layout, marginOf(text, existing.start)) +
      text.slice(existing.valueEnd)
    );
  }
  const first = span.members[0];
  const last = span.members.at(-1);
  if (!first || !last)
    return `${text.slice(0, span.open)}{${JSON.stringify(key)}: ${JSON.stringify(value)}}${text.slice(span.close + 1)}`;
  const between = text.slice(span.open + 1, first.start);
  const colon = /:\s/.test(text.slice(first.start, first.valueStart)) ? ': ' : ':';
  const layout = indented(JSON.stringify(value, null, indentStep(text, span)), marginOf(text, first.start));
  return `${text.slice(0, last.valueEnd)},${between || (colon === ': ' ? ' ' : '')}${JSON.stringify(key)}${colon}${layout}${text.slice(last.valueEnd)}`;
}

/** The text with each of these members set that has a value. */
export function withMembers(text: string, members: JsonObject): string {
  let result = text;
  for (const [name, value] of Object.entries(members))
    if (value !== undefined) result = setMember(result, [name], value);
  return result;
}

/** The text without the member, if there was one. */
export function removeMember(text: string, path: readonly string[]): string {
  const { span, key } = locate(text, path);
  const index = span.members.findIndex((member) => member.key === key);
  const member = span.members[index];
  if (!member) return text;
  const previous = span.members[index - 1];
  const next = span.members[index + 1];
  const rest = previous
    ? text.slice(0, previous.valueEnd) + text.slice(member.valueEnd)
    : text.slice(0, member.start) + text.slice(next ? next.start : member.valueEnd);
  return removeMember(rest, path);
}

/** Whether arrays and objects are nested more than `limit` deep, in text that may be anything. */
export function nestsDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++;
    } else if (character === '{' || character === '[') {
      if (++depth > limit) return true;
    } else if (character === '}' || character === ']') depth--;
  }
  return false;
}

function locate(text: string, path: readonly string[]): { span: ObjectSpan; key: string } {
  // Editors of Windows begin texts with a byte order mark.
  let span = objectAt(text, skipTextSpace(text, text.startsWith('\uFEFF') ? 1 : 0));
  for (const step of path.slice(0, -1)) {
    const parent = span.members.findLast((member) => member.key === step);
    if (!parent) throw new Error(`no object ${step} in the text`);
    span = objectAt(text, parent.valueStart);
  }
  return { span, key: path.at(-1) ?? '' };
}

function objectAt(text: string, open: number): ObjectSpan {
  const members: Member[] = [];
  const close = walkTextMembers(text, open, (start, keyEnd, valueStart, valueEnd) => {
    members.push({ key: String(JSON.parse(text.slice(start, keyEnd))), start, valueStart, valueEnd });
  });
  if (close < 0) throw new Error('the text is no JSON object');
  return { members, open, close };
}

/** The white space that the line of a member begins with; undefined for a member that does not begin its line. */
function marginOf(text: string, start: number): string | undefined {
  return /\n([ \t]*)$/.exec(text.slice(0, start))?.[1];
}

/** The indentation of a member relative to its object; undefined for an object on one line. */
function indentStep(text: string, span: ObjectSpan): string | undefined {
  const first = span.members[0];
  const margin = first && marginOf(text, first.start);
  if (margin === undefined) return undefined;
  const outer = marginOf(text, span.close) ?? '';
  return margin.startsWith(outer) ? margin.slice(outer.length) : margin;
}

function indented(layout: string, margin: string | undefined): string {
  return margin ? layout.replaceAll('\n', `\n${margin}`) : layout;
}
