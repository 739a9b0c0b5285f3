/**
 * A stand-in for Mistral's Chat Completions that refuses what the service refuses, written from its reference and from what
 * users report of it, not from our code. Sources: docs.mistral.ai/api; anomalyco/opencode#1680 (ids),
 * avante-corp/avante.nvim#2347 (stream_options) and #2695 (order), charmbracelet/crush#1590 (reasoning_content).
 */

import type { JsonObject } from '../../src/protocols/json.ts';
import { asArray, asObject, asObjects, asString } from '../../src/protocols/json-members.ts';
import { type Asked, eventStream, startUpstream, type Upstream } from '../gateway/upstream.ts';

const fields = new Set(
  'model messages stream temperature top_p max_tokens stop random_seed n tools tool_choice parallel_tool_calls response_format prediction metadata presence_penalty frequency_penalty prompt_mode safe_prompt reasoning_effort'.split(
    ' ',
  ),
);
const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  system: ['role', 'content'],
  user: ['role', 'content'],
  assistant: ['role', 'content', 'tool_calls', 'prefix'],
  tool: ['role', 'content', 'tool_call_id', 'name'],
};
const parts = new Set(['text', 'image_url', 'document_url', 'input_audio', 'thinking', 'reference']);

function refused(status: number, message: object | string, code: string | null = null): Response {
  return Response.json(
    { object: 'error', message, type: 'invalid_request_error', param: null, code },
    { status },
  );
}
const extra = (...loc: (string | number)[]) =>
  refused(422, { detail: [{ type: 'extra_forbidden', loc, msg: 'Extra inputs are not permitted' }] });

function fault(body: JsonObject): Response | undefined {
  for (const field of Object.keys(body)) if (!fields.has(field)) return extra('body', field);
  const messages = asObjects(body.messages);
  let before = '';
  for (const [index, message] of messages.entries()) {
    const role = asString(message.role) ?? '';
    const allowed = fieldsOf[role];
    if (allowed === undefined) return refused(422, `Input tag '${role}' found using 'role' does not match`);
    for (const field of Object.keys(message))
      if (!allowed.includes(field)) return extra('body', 'messages', index, role, field);
    if (before === 'tool' && role === 'user')
      return refused(400, "Unexpected role 'user' after role 'tool'", '3230');
    for (const part of asObjects(Array.isArray(message.content) ? message.content : []))
      if (!parts.has(asString(part.type) ?? '')) return extra('body', 'messages', index, role, 'content');
    if (role === 'assistant' && !message.content && asArray(message.tool_calls).length === 0)
      return refused(400, 'Assistant message must have either content or tool_calls, but not none.', '3240');
    const ids = asObjects(message.tool_calls).map(({ id }) => asString(id) ?? '');
    for (const id of role === 'tool' ? [asString(message.tool_call_id) ?? ''] : ids)
      if (!/^[a-zA-Z0-9]{9}$/.test(id))
        return refused(400, `Tool call id was ${id} but must be a-z, A-Z, 0-9, with a length of 9.`, '3280');
    before = role;
  }
  const last = messages.at(-1);
  if (last?.role === 'assistant' && last.prefix !== true)
    return refused(
      400,
      'Expected last role User or Tool (or Assistant with prefix True) for serving',
      '3230',
    );
  return undefined;
}

/** It answers with the call of a tool where it has tools and no result yet, else with a text. */
export function startStrictMistral(): Upstream & { bodies(): JsonObject[] } {
  const read = ({ body }: Asked): JsonObject => asObject(JSON.parse(new TextDecoder().decode(body))) ?? {};
  const upstream = startUpstream((asked) => {
    if (asked.path === '/v1/models')
      return Response.json({ object: 'list', data: [{ id: 'mistral-small-latest', object: 'model' }] });
    if (asked.path !== '/v1/chat/completions') return refused(404, 'no Route matched with those values');
    if (asked.key !== 'mistral-key') return Response.json({ detail: 'Unauthorized' }, { status: 401 });
    const body = read(asked);
    return fault(body) ?? answer(body);
  });
  return {
    ...upstream,
    bodies: () => upstream.asked.filter(({ method }) => method === 'POST').map(read),
    [Symbol.dispose]: () => upstream[Symbol.dispose](),
  };
}

function answer(body: JsonObject): Response {
  const calls = asArray(body.tools).length > 0 && asObjects(body.messages).at(-1)?.role !== 'tool';
  const call = { id: 'D681PevKs', index: 0, function: { name: 'look_up', arguments: '{"word":"tide"}' } };
  const said = calls ? { content: '', tool_calls: [call] } : { content: 'high at noon' };
  const finish_reason = calls ? 'tool_calls' : 'stop';
  const usage = { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 };
  const head = { id: 'cmpl-1', created: 1, model: 'mistral-small-latest' };
  const role = 'assistant';
  if (body.stream !== true) {
    const message = { role, ...said };
    return Response.json({
      ...head,
      object: 'chat.completion',
      usage,
      choices: [{ index: 0, message, finish_reason }],
    });
  }
  const chunk = (choice: object, more: object = {}) =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, ...choice }], ...more })}\n\n`;
  return eventStream(
    `${chunk({ delta: { role, content: '' }, finish_reason: null })}${chunk({ delta: said, finish_reason }, { usage })}data: [DONE]\n\n`,
  );
}
