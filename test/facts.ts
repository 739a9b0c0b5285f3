/** What a request or an answer says, per protocol, as `npm run fidelity` counts it (scripts/fidelity/facts.mjs). */
import { join } from 'node:path';
import type { Json, JsonObject } from '../src/protocols/json.ts';
import type { Protocol } from '../src/protocols/model.ts';

export const factsNames = {
  'openai-chat': 'chat',
  'openai-responses': 'responses',
  'anthropic-messages': 'anthropic',
  gemini: 'gemini',
} as const satisfies Record<Protocol, string>;
export type FactsName = (typeof factsNames)[Protocol];

/** One fact: its name, whether it was kept, and what became of it. */
export type Fact = [name: string, kept: boolean, detail: string];

interface FactsModule<Said> {
  request: Record<FactsName, (body: JsonObject) => Said>;
  response: Record<FactsName, (body: Json, stream: boolean) => Said>;
  sseEvents(text: string): Json[];
  compareRequest(before: Said, after: Said, from: FactsName, to: FactsName): Fact[];
  compareResponse(before: Said, after: Said, from: FactsName, to: FactsName): Fact[];
}

const file = join(import.meta.dir, '../scripts/fidelity/facts.mjs');

export async function loadFacts(): Promise<FactsModule<object>> {
  return await import(file);
}
