/** Files of environment variables, a line each. */
import type { Change } from './change.ts';

const assignment = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/;

export function readDotenv(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const [, name, written] = assignment.exec(line) ?? [];
    if (name !== undefined && written !== undefined) values[name] = unquoted(written);
  }
  return values;
}

function unquoted(text: string): string {
  return /^(["']).*\1$/.test(text) ? text.slice(1, -1) : text;
}

/** The last line that sets the variable is the one that counts; without one a line is added. */
export function editDotenv(text: string, { path: [name = ''], value }: Change): string {
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.split(/\r?\n/);
  const isIt = (line: string): boolean => assignment.exec(line)?.[1] === name;
  if (value === undefined) return lines.filter((line) => !isIt(line)).join(end);
  const written = `${name}=${/^[\w./:@%+,-]*$/.test(String(value)) ? String(value) : JSON.stringify(value)}`;
  const last = lines.findLastIndex(isIt);
  if (last >= 0) return lines.with(last, written).join(end);
  return `${text}${text === '' || text.endsWith('\n') ? '' : end}${written}${end}`;
}
