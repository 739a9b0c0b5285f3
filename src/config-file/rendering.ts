/** Values as YAML text that any reader of YAML 1.1 and 1.2 takes for the same. */
import { stringify } from 'yaml';

const style = {
  lineWidth: 0,
  blockQuote: false,
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  compat: 'yaml-1.1',
  aliasDuplicateObjects: false,
} as const;

/** Lines of a block, of which all but the first are indented. */
export function renderedBlock(value: unknown, column: number, lineBreak: string): string {
  const lines = stringify(value, style).trimEnd().split('\n');
  return lines.join(lineBreak + ' '.repeat(column));
}

/** A scalar as written in a line; also empty collections. */
export function renderedScalar(value: unknown): string {
  return stringify(value, style).trimEnd();
}

/** A value inside brackets, where more characters mean something. JSON is YAML there. */
export function renderedInFlow(value: unknown): string {
  if (typeof value === 'string' && /^[A-Za-z][\w-]*$/.test(value) && renderedScalar(value) === value)
    return value;
  return JSON.stringify(value) ?? 'null';
}

/** A text in the quotes that another had; undefined where it cannot be quoted so in one line. */
export function renderedInQuotes(value: string, quotes: 'QUOTE_SINGLE' | 'QUOTE_DOUBLE'): string | undefined {
  if (/[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd]/.test(value)) return undefined;
  return quotes === 'QUOTE_DOUBLE' ? JSON.stringify(value) : `'${value.replaceAll("'", "''")}'`;
}

/** Whether a value is written over several lines of a block. */
export function needsBlock(value: unknown): boolean {
  return Array.isArray(value)
    ? value.length > 0
    : typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}
