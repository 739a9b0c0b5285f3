/**
 * Calls in whose input the answer ended. One rule for all clients: what was cut is never offered as something to run.
 * Responses clients get the item as `incomplete`, Chat clients the call as it came with `length`; Claude and Gemini clients,
 * who would run what they can parse of it, get the answer without the call, with `max_tokens` and `MAX_TOKENS`.
 */

import type { Finish } from './answer.ts';
import { closeBrace, closeBracket, openBrace, openBracket, quote } from './ascii.ts';
import type { LossReport } from './codec.ts';
import { behindTextString } from './json-text-span.ts';
import type { Part, ToolCallPart } from './model.ts';

/** Whether JSON text ends inside of its value. What is no JSON for another reason was written so by the model. */
export function isCutJson(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === quote) {
      const behind = behindTextString(text, at + 1);
      if (behind < 0) return true;
      at = behind - 1;
    } else if (char === openBrace || char === openBracket) depth++;
    else if (char === closeBrace || char === closeBracket) depth--;
  }
  return depth > 0;
}

/** Whether only the end of the answer shows if the input is whole: free text, and arguments of which nothing came (Claude's `{}`). */
export function isOpenEnded(kind: ToolCallPart['kind'], input: string): boolean {
  return kind === 'custom' || /^\s*(?:\{\s*\}\s*)?$/.test(input);
}

/** Whether an answer with this end was not complete: its last part was cut. */
export function endsEarly(finish: Finish): boolean {
  return finish.reason === 'length' || finish.reason === 'content-filter' || finish.reason === 'pause';
}

/** The end of an answer with a cut call: whatever the upstream's reason, its calls must not be run. */
export function cutFinish(finish: Finish): Finish {
  return endsEarly(finish) ? finish : { ...finish, reason: 'length' };
}

/** Writes down that the client does not get a call. */
export function reportCut(part: Part, report: LossReport | undefined): void {
  if (part.type !== 'tool-call') return;
  report?.('dropped', `tool_use.${part.name}`, 'the answer ended inside of its input');
}
