/**
 * Code Assist's wrapping around the Gemini protocol: `{model, project, request: {…}}` for requests, `{response: {…}}` for
 * answers and for each event of a stream. Errors come unwrapped.
 * Source: github.com/google-gemini/gemini-cli, packages/core/src/code_assist/converter.ts.
 */

import type { Json, JsonObject } from '../json.ts';
import { asObject } from '../json-members.ts';
import { memberSpan } from '../json-text-span.ts';

/** The texts before and behind a Gemini request body. Without a project the service looks for the account's own. */
export function aroundRequest(
  model: string,
  project: string | undefined,
): { before: string; behind: string } {
  const fields = JSON.stringify(project === undefined ? { model } : { model, project });
  return { before: `${fields.slice(0, -1)},"request":`, behind: '}' };
}

/** The text of the answer in the text of a wrapped one, every byte of it; other texts come back as they are. */
export function unwrapResponse(text: string): string {
  const span = memberSpan(text, 'response');
  return span === undefined ? text : text.slice(span.start, span.end);
}

/**
 * The body of `:countTokens`, which takes `contents` only: system text and tools are counted as if they were contents, for
 * otherwise they would not count at all.
 */
export function countRequest(body: JsonObject, model: string): JsonObject {
  const asked = asObject(body.generateContentRequest) ?? body;
  const system = asObject(asked.systemInstruction) ?? asObject(asked.system_instruction);
  const contents: Json[] = [];
  if (system?.parts !== undefined) contents.push({ role: 'user', parts: system.parts });
  if (asked.tools !== undefined)
    contents.push({ role: 'user', parts: [{ text: JSON.stringify(asked.tools) }] });
  const said = Array.isArray(asked.contents) ? asked.contents : [];
  return { request: { model: `models/${model}`, contents: [...contents, ...said] } };
}
