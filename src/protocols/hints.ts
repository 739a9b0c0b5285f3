/**
 * Members of a request about how it is served, not about its contents: without them the answer is of the same kind.
 * Where it finds no place it is reported as a hint, which `translation.strict` lets through.
 */

import type { LossReport } from './codec.ts';
import type { Message } from './model.ts';
import { shortened } from './shortened.ts';

/** Fields of requests, as losses name them, each with what it is. */
const hints: ReadonlyMap<string, string> = new Map([
  ['client_metadata', 'how Codex describes itself: github.com/openai/codex, `client_metadata`'],
  [
    'metadata',
    'the client’s own notes on a stored answer: platform.openai.com/docs/api-reference/responses/create',
  ],
  ['user', 'an id of the end user: platform.openai.com/docs/guides/safety-best-practices'],
  ['safety_identifier', 'the same under its newer name'],
  ['prompt_cache_key', 'which cache to look in: platform.openai.com/docs/guides/prompt-caching'],
  ['prompt_cache_retention', 'how long to keep it there'],
  ['prompt_cache_options', 'the same under its newer name'],
  ['labels', 'names under which Google bills a request: ai.google.dev/api/generate-content, `labels`'],
  [
    'verbosity',
    'how long answers are: platform.openai.com/docs/api-reference/responses/create, `text.verbosity`',
  ],
  ['include', 'what else the answer is to hold: the same page'],
  [
    'parallel_tool_calls',
    'how calls are to come: Codex sends false for every model that it does not know (openai/codex, `ModelFamily`), and clients take the calls of one answer one by one',
  ],
  [
    'context_management',
    'what a provider may forget of long conversations: platform.claude.com/docs/en/build-with-claude/context-editing',
  ],
]);

/** Characters of a field in a report: a name may be as long as a request, and is written into header, log and trace. */
const longestField = 512;

/** The report in which losses are as they count: one of a hint is a hint, and of a long field both ends are kept. */
export function hinting(report: LossReport): LossReport {
  return (kind, field, detail) => {
    if (field.length > longestField) report(kind, shortened(field, longestField), detail);
    else report(kind === 'dropped' && hints.has(field) ? 'hint' : kind, field, detail);
  };
}

/** Reports that the assistant's messages lose what OpenAI's models have marked them as: the upstream's have no such marks. */
export function reportPhases(messages: readonly Message[], report: LossReport): void {
  if (messages.some(({ role, extra }) => role === 'assistant' && typeof extra?.fields.phase === 'string'))
    report('hint', 'messages.phase', 'only OpenAI’s models mark their messages so');
}
