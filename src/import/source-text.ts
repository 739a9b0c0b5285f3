/** The text of another program's file, within the bounds of a configuration file. */
import { readConfigText } from '../config/config-text.ts';
import { inLine } from '../config/problem.ts';
import { parseYaml } from '../config/yaml-document.ts';
import { errorCode } from '../ground/error-code.ts';
import { isObject, type JsonObject } from '../protocols/json.ts';

export type SourceObject = { ok: true; content: JsonObject; text: string } | { ok: false; sentence: string };

/** One object in JSON with comments and commas that JSON5 allows. Up to 8 MiB. `listAs`: a list is the object with it under this name. */
export function readJson5(path: string, listAs?: string): Promise<SourceObject> {
  return readObject(path, 'JSON', (text) => {
    const parsed: unknown = Bun.JSON5.parse(text.replace(/^\uFEFF/, ''));
    return listAs !== undefined && Array.isArray(parsed) ? { [listAs]: parsed } : parsed;
  });
}

/** One object in YAML; anchors that multiply into millions of values are refused. Up to 8 MiB. */
export function readYaml(path: string): Promise<SourceObject> {
  return readObject(path, 'YAML', (text) => {
    const parsed = parseYaml(text, path);
    // The sentences are our own, and quote nothing.
    const [problem] = parsed.ok ? [] : parsed.problems;
    if (problem !== undefined) throw new Unreadable(`${inLine(problem)}${problem.message}`);
    const content = parsed.ok ? parsed.document.value : undefined;
    if (content === null || content === undefined) throw new Unreadable('it is empty');
    return content;
  });
}

/** Why a text is none of its format, in words that quote nothing of it. */
class Unreadable extends Error {}

async function readObject(
  path: string,
  format: string,
  parse: (text: string) => unknown,
): Promise<SourceObject> {
  let text: string;
  try {
    text = await readConfigText(path);
  } catch (error) {
    return { ok: false, sentence: `${path} cannot be read: ${reasonOf(error)}` };
  }
  try {
    const content = parse(text);
    if (isObject(content)) return { ok: true, content, text };
  } catch (error) {
    if (error instanceof Unreadable)
      return { ok: false, sentence: `${path} cannot be read: ${error.message}` };
    // The parser's own words may quote the file, and with it its keys.
  }
  return { ok: false, sentence: `${path} is not one object in ${format}` };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  EACCES: 'this user may not',
  EISDIR: 'it is a directory',
  'no-file': 'it is no file',
  'too-large': 'it is larger than 8 MiB',
};

function reasonOf(error: unknown): string {
  const code = errorCode(error) ?? '';
  return reasons[code] ?? `the system reports ${code || 'no reason'}`;
}
