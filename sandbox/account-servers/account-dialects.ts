/** How the account-side APIs differ from the public ones: Code Assist's envelope, and what the Codex backend demands. */

import type { Dialect } from '../dialect.ts';
import { dialects } from '../dialects.ts';
import { Refused } from '../failure.ts';
import type { JsonObject } from '../json.ts';
import { asArray, asObjects, asString } from '../json-members.ts';

const { gemini, 'openai-responses': responses } = dialects;

/** Answers stand under `response`. */
export const codeAssist: Dialect = {
  ...gemini,
  whole: (exchange) => ({ response: gemini.whole(exchange), traceId: exchange.state.newId('') }),
  stream: (exchange) => {
    const { events, finishAt } = gemini.stream(exchange);
    const traceId = exchange.state.newId('');
    return {
      events: events.map(({ event, data }) => ({
        event,
        data: `{"response":${data},"traceId":"${traceId}"}`,
      })),
      finishAt,
    };
  },
};

/** Marks failures that the Codex backend answers with `{"detail": …}` alone. */
const detail = 'detail';

/** What the Codex backend takes no part of (protocol.md §2.7, §2.9, §5). */
const codexUnsupported = [
  'background',
  'context_management',
  'conversation',
  'max_completion_tokens',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'previous_response_id',
  'prompt',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
  'stream_options',
  'temperature',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
] as const;

/** Streams only, stores nothing, and refuses every field that it does not know. */
export const codexBackend: Dialect = {
  ...responses,
  read(incoming, state) {
    const problem = codexProblem(incoming.body);
    if (problem !== undefined)
      throw new Refused({ status: 400, kind: 'invalid-request', message: problem, code: detail });
    return responses.read(incoming, state);
  },
  error: (failure) => (failure.code === detail ? { detail: failure.message } : responses.error(failure)),
};

function codexProblem(body: JsonObject): string | undefined {
  const unsupported = codexUnsupported.find((field) => body[field] !== undefined);
  if (unsupported !== undefined) return `Unsupported parameter: ${unsupported}`;
  if (asString(body.instructions) === undefined) return 'Instructions are required';
  if (!Array.isArray(body.input)) return 'Input must be a list';
  if (body.store !== false) return 'Store must be set to false';
  if (body.stream !== true) return 'Stream must be set to true';
  if (asObjects(body.input).some((item) => item.role === 'system')) return 'System messages are not allowed';
  if (body.service_tier !== undefined && body.service_tier !== 'priority')
    return `Unsupported service_tier: ${asString(body.service_tier) ?? ''}`;
  return asArray(body.include).every((item) => item === 'reasoning.encrypted_content')
    ? undefined
    : 'Unsupported include value';
}
