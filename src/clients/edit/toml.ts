/** TOML: values of the top level and of tables with a header of their own; every other line stays as it is. */
import { isGroup } from '../../config/group.ts';
import { type Change, UneditableFile } from './change.ts';

export function readToml(text: string): unknown {
  try {
    return Bun.TOML.parse(text);
  } catch {
    throw new UneditableFile('it is not TOML');
  }
}

/** A table, or a value in one, on a line of its own. */
interface Line {
  index: number;
  /** `[a.b]`: the table that begins here. */
  table?: readonly string[];
  /** `key = …`: the path of the key within its table, and the line behind its value. */
  key?: { path: readonly string[]; end: number };
}

export function editToml(text: string, { path, value }: Change): string {
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
  const edited = isGroup(value) ? withTable(lines, path, value) : withValue(lines, path, value);
  return edited.length === 0 ? '' : `${edited.join(end)}${end}`;
}

/** `path` as a table with exactly these values: in the place of one of that name, else at the end. */
function withTable(
  lines: readonly string[],
  path: readonly string[],
  values: Record<string, unknown>,
): string[] {
  const rows = Object.entries(values).map(([key, value]) => `${keyText([key])} = ${valueText(value)}`);
  const table = [`[${keyText(path)}]`, ...rows];
  const range = tableRange(lines, path);
  if (range === undefined)
    return [...lines, ...(lines.length > 0 && lines.at(-1) !== '' ? [''] : []), ...table];
  return [...lines.slice(0, range.start), ...table, ...lines.slice(range.end)];
}

function withValue(lines: readonly string[], path: readonly string[], value: unknown): string[] {
  const range = tableRange(lines, path);
  if (value === undefined && range !== undefined)
    return [...lines.slice(0, range.start), ...lines.slice(range.end)];
  const [inside, key] = [path.slice(0, -1), path.slice(-1)];
  let table: readonly string[] = [];
  let room: number | undefined = inside.length === 0 ? 0 : undefined;
  for (const line of linesOf(lines)) {
    if (line.table !== undefined) {
      table = line.table;
      if (same(table, inside)) room = line.index + 1;
    } else if (line.key !== undefined && same([...table, ...line.key.path], path)) {
      const written = value === undefined ? [] : [`${keyText(line.key.path)} = ${valueText(value)}`];
      return [...lines.slice(0, line.index), ...written, ...lines.slice(line.key.end)];
    } else if (line.key !== undefined && same(table, inside)) room = line.key.end;
  }
  if (value === undefined) return [...lines];
  const row = `${keyText(key)} = ${valueText(value)}`;
  if (room !== undefined) return [...lines.slice(0, room), row, ...lines.slice(room)];
  return [...lines, ...(lines.length > 0 ? [''] : []), `[${keyText(inside)}]`, row];
}

/** The lines of a table from its header to the last line that belongs to it; comments before the next header are the next one's. */
function tableRange(
  lines: readonly string[],
  path: readonly string[],
): { start: number; end: number } | undefined {
  let start: number | undefined;
  let end = 0;
  for (const line of linesOf(lines)) {
    if (line.table !== undefined) {
      if (start !== undefined) break;
      if (same(line.table, path)) {
        start = line.index;
        end = line.index + 1;
      }
    } else if (start !== undefined && line.key !== undefined) end = line.key.end;
  }
  return start === undefined ? undefined : { start, end };
}

/** Headers and keys in their order; the lines of a value that goes over several are skipped. */
function* linesOf(lines: readonly string[]): Generator<Line> {
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    const header = /^\s*\[\s*([^[\]].*?)\s*\]\s*(?:#.*)?$/.exec(line)?.[1];
    if (/^\s*(#|$)/.test(line)) continue;
    if (header !== undefined) yield { index, table: keyPath(header) };
    else if (/^\s*\[\[/.test(line)) yield { index, table: ['[[]]', line.trim()] };
    else {
      const end = valueEnd(lines, index);
      yield { index, key: { path: keyPath(line.slice(0, equals(line))), end } };
      index = end - 1;
    }
  }
}

/** The line behind the value that begins in this one: the first at which all of it can be read. */
function valueEnd(lines: readonly string[], index: number): number {
  for (let end = index + 1; end <= lines.length; end++) {
    try {
      Bun.TOML.parse(lines.slice(index, end).join('\n'));
      return end;
    } catch {
      // A list or text that goes on in the next line.
    }
  }
  throw new UneditableFile(`line ${index + 1} cannot be read`);
}

function equals(line: string): number {
  const found = /^(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^="'])*/.exec(line)?.[0].length ?? 0;
  return found;
}

/** `a."b c".d` → its parts. */
function keyPath(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|([\w-]+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}

function keyText(path: readonly string[]): string {
  return path.map((key) => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key))).join('.');
}

function valueText(value: unknown): string {
  if (isGroup(value))
    return `{ ${Object.entries(value)
      .map(([key, inner]) => `${keyText([key])} = ${valueText(inner)}`)
      .join(', ')} }`;
  // A basic string of TOML is written as one of JSON.
  return JSON.stringify(value);
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((part, index) => part === other[index]);
}
