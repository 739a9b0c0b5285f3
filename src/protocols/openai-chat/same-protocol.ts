/** What becomes another in a chat client's body on its way to a chat upstream. Everything else goes through as it came. */

import { withLimits } from '../answer-limit.ts';
import type { EncodeTarget } from '../codec.ts';
import { isSame, type Json, type JsonObject } from '../json.ts';
import { asObject, asString } from '../json-members.ts';
import { mappedList } from '../json-patch.ts';
import { fitReasoning, type ReasoningAmount, reportFitted, reportUnfitted } from '../reasoning.ts';
import { idMark, unwrapId } from '../signature-envelope.ts';
import { isWrappedDetail } from './reasoning-details.ts';
import { reasoning, reportAsEffort } from './settings.ts';
import { chatReasoning, isOpenAiReasoningModel, takesGeminiSignatures } from './upstream-models.ts';

/** {@link Codec.withAmount}: the client's own fields where they are equal already, else `reasoning_effort`. */
export function withAmount(body: JsonObject, amount: ReasoningAmount, target: EncodeTarget): JsonObject {
  const fitted = fitReasoning(amount, chatReasoning(target.model, target.traits));
  if (fitted === undefined) reportUnfitted(amount, target.report);
  reportFitted(amount, fitted, target.report);
  if (fitted !== undefined) reportAsEffort(amount, target.report);
  if (fitted !== undefined && isSame(reasoning.read(body)?.amount, fitted)) return body;
  const changed: JsonObject = { ...body };
  // Another field might contradict it.
  for (const field of reasoning.fields) delete changed[field];
  return fitted === undefined ? changed : { ...changed, ...reasoning.write({ amount: fitted }) };
}

/** {@link Codec.withAnswerLimit}: in whichever fields the client has for it, else in the one that the model takes. */
export function withAnswerLimit(body: JsonObject, most: number, { model, report }: EncodeTarget): JsonObject {
  const usual = isOpenAiReasoningModel(model) ? 'max_completion_tokens' : 'max_tokens';
  return withLimits(body, usual, most, report);
}

/** {@link Codec.sameProtocolSignatures}: ids without what was wrapped into them, thinking without the proofs of others. */
export function sameProtocolSignatures(body: JsonObject, { model }: Pick<EncodeTarget, 'model'>): JsonObject {
  const messages = mappedList(body.messages, (value) => {
    const message = asObject(value);
    if (message === undefined) return value;
    if (message.role === 'assistant') return ownAnswer(message, model);
    const id = asString(message.tool_call_id);
    return id?.includes(idMark) ? { ...message, tool_call_id: unwrapId(id).id } : message;
  });
  return messages === body.messages ? body : { ...body, messages };
}

function ownAnswer(message: JsonObject, model: string): JsonObject {
  const calls = mappedList(message.tool_calls, (value) => ownCall(value, model));
  const details = mappedList(message.reasoning_details, (one) => (isWrappedDetail(one) ? undefined : one));
  if (calls === message.tool_calls && details === message.reasoning_details) return message;
  const changed: JsonObject = { ...message, tool_calls: calls, reasoning_details: details };
  if (Array.isArray(details) && details.length === 0) delete changed.reasoning_details;
  return changed;
}

function ownCall(value: Json, model: string): Json {
  const call = asObject(value);
  const wrapped = asString(call?.id);
  if (call === undefined || !wrapped?.includes(idMark)) return value;
  const { id, signature } = unwrapId(wrapped);
  const signed =
    signature?.family === 'gemini' && call.extra_content === undefined && takesGeminiSignatures(model);
  return {
    ...call,
    id,
    ...(signed && { extra_content: { google: { thought_signature: signature.value } } }),
  };
}
