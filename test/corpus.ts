/** Recorded provider traffic for tests: the shared corpus where it lies beside the project, else the project's samples. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonObject } from '../src/protocols/json.ts';
import type { Protocol } from '../src/protocols/model.ts';

/** One recorded exchange, as the corpus README describes it. */
export interface Exchange {
  id: string;
  protocol: Protocol;
  provider: string;
  endpoint: string;
  tags: string[];
  request: { method: string; path: string; headers: Record<string, string>; body: JsonObject | null } | null;
  response: {
    status: number;
    headers: Record<string, string>;
    body?: Json;
    sse?: string;
    base64?: string;
  } | null;
}

const names: Record<Protocol, string> = {
  'openai-chat': 'openai-chat',
  'openai-responses': 'openai-responses',
  'anthropic-messages': 'anthropic',
  gemini: 'gemini',
};

const shared = join(import.meta.dir, '../../shared/corpus');
const samples = join(import.meta.dir, 'fixtures/corpus');

/** True when the whole corpus is there; otherwise {@link exchanges} gives the small samples kept in the project. */
export const hasSharedCorpus = existsSync(shared);

/** The recorded exchanges of a protocol, in the corpus' order. */
export function exchanges(protocol: Protocol): Exchange[] {
  const folder = hasSharedCorpus ? shared : samples;
  const file = readdirSync(folder).find((name) => name.startsWith(`${names[protocol]}.jsonl`));
  if (file === undefined) throw new Error(`no recordings of ${protocol} in ${folder}`);
  const bytes = readFileSync(join(folder, file));
  const text = new TextDecoder().decode(file.endsWith('.gz') ? Bun.gunzipSync(bytes) : bytes);
  return text
    .split('\n')
    .filter((line) => line.length > 0)
    .map((line): Exchange => ({ ...JSON.parse(line), protocol }));
}

/** Whether a recorded stream says at once that it failed, as some do with status 200. */
export function beginsWithError(sse: string | undefined): boolean {
  return /^(?:(?::|event:).*\n|\n)*data: \{(?:"type":"error",)?"error"/.test(sse ?? '');
}
