/** What becomes another in a Claude client's body on its way to an upstream of this protocol. Everything else goes through as it came. */
import { withLimits } from '../answer-limit.ts';
import type { EncodeTarget, LossReport } from '../codec.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asNumber, asObject, asObjects, asString } from '../json-members.ts';
import { mappedList } from '../json-patch.ts';
import { type ReasoningAmount, reportForeignThinking } from '../reasoning.ts';
import { idMark, openedThinking, unwrapId, unwrapSignature } from '../signature-envelope.ts';
import { lacksThinking } from './conversation-encode.ts';
import { limitBesideThinking } from './request-encode.ts';
import { decodeReasoning, minBudget, thinkingFor, withoutSignedThinking } from './settings.ts';

/** {@link Codec.withAmount}: in `thinking` and `output_config.effort`, with a limit that has room for the budget. */
export function withAmount(body: JsonObject, amount: ReasoningAmount, target: EncodeTarget): JsonObject {
  const choice = asObject(body.tool_choice)?.type;
  const messages = asObjects(body.messages);
  const written = thinkingFor(decodeReasoning(body), amount, target, {
    forcesTool: choice === 'any' || choice === 'tool',
    lacksThinking: lacksThinking(messages) && hasThinking(lastAnswer(messages)),
  });
  if (written === undefined) return body;
  const { effort, thinking } = written;
  const changed: JsonObject = { ...body, thinking };
  const { effort: _, ...config } = asObject(body.output_config) ?? {};
  const settings: JsonObject = effort === undefined ? config : { ...config, effort };
  changed.output_config = Object.keys(settings).length > 0 ? settings : undefined;
  if (thinking?.budget_tokens === undefined) return changed;
  const output = { thinking };
  const limit = limitBesideThinking(asNumber(body.max_tokens), target, output);
  return { ...changed, thinking: output.thinking, max_tokens: limit };
}

/** {@link Codec.withAnswerLimit}: in `max_tokens`. A budget of thinking has to stay below it, and has a least size of its own. */
export function withAnswerLimit(body: JsonObject, most: number, { report }: EncodeTarget): JsonObject {
  const limited = withLimits(body, 'max_tokens', most, report);
  const limit = asNumber(limited.max_tokens) ?? most;
  const thinking = asObject(limited.thinking);
  const budget = asNumber(thinking?.budget_tokens);
  if (budget === undefined || budget < limit) return limited;
  report('approximated', 'thinking.budget_tokens', `the answer is to end at ${limit}`);
  return {
    ...limited,
    thinking: limit > minBudget ? { ...thinking, budget_tokens: limit - 1 } : { type: 'disabled' },
  };
}

/**
 * {@link Codec.sameProtocolSignatures}: thinking that another family signed goes, and ids are without what was wrapped into them. Where a
 * turn that goes on has lost its thinking, manual thinking is refused, and switched off.
 */
export function sameProtocolSignatures(
  body: JsonObject,
  { report }: Pick<EncodeTarget, 'report'>,
): JsonObject {
  const messages = mappedList(body.messages, (value) => {
    const message = asObject(value);
    if (message === undefined) return value;
    const content = ownContent(message.content, report);
    if (content === message.content) return message;
    return Array.isArray(content) && content.length === 0 ? undefined : { ...message, content };
  });
  if (messages === body.messages) return body;
  const lost = wasForeign(lastAnswer(asObjects(body.messages))) && lacksThinking(asObjects(messages));
  const off = lost && asObject(body.thinking)?.type === 'enabled';
  return { ...body, messages, ...(off && { thinking: withoutSignedThinking(report) }) };
}

function ownContent(content: Json | undefined, report: LossReport): Json | undefined {
  /** Thinking by the call that it stood before: there may be thousands. */
  const opened = new Map<Json | undefined, JsonObject>();
  const blocks = mappedList(content, (value) => {
    const block = asObject(value);
    if (block?.type === 'thinking') return ownThinking(block, report);
    if (block?.type === 'tool_result') {
      const id = asString(block.tool_use_id);
      return id?.includes(idMark) ? { ...block, tool_use_id: unwrapId(id).id } : block;
    }
    const wrapped = block?.type === 'tool_use' ? asString(block.id) : undefined;
    if (!wrapped?.includes(idMark)) return value;
    const { id, signature } = unwrapId(wrapped);
    const call = { ...block, id };
    if (signature?.family === 'anthropic')
      opened.set(call, {
        type: 'thinking',
        thinking: openedThinking(signature).text,
        signature: signature.value,
      });
    return call;
  });
  if (opened.size === 0 || !Array.isArray(blocks)) return blocks;
  // Before all text, or before its call.
  const first = blocks.find((block) => ['tool_use', 'thinking'].includes(String(asObject(block)?.type)));
  const foremost = opened.get(first);
  const written: Json[] = foremost === undefined ? [] : [foremost];
  for (const block of blocks) {
    const thinking = block === first ? undefined : opened.get(block);
    if (thinking !== undefined) written.push(thinking);
    written.push(block);
  }
  return written;
}

function ownThinking(block: JsonObject, report: LossReport): JsonObject | undefined {
  const wrapped = asString(block.signature);
  if (!wrapped) return block;
  const { family, value } = unwrapSignature(wrapped, 'anthropic');
  if (family !== 'anthropic') {
    reportForeignThinking(report);
    return undefined;
  }
  return value === wrapped ? block : { ...block, signature: value };
}

function lastAnswer(messages: readonly JsonObject[]): JsonObject[] {
  const content = messages.findLast(({ role }) => role === 'assistant')?.content;
  return Array.isArray(content) ? content.filter(isObject) : [];
}

function hasThinking(blocks: readonly JsonObject[]): boolean {
  return blocks.some(({ type }) => type === 'thinking' || type === 'redacted_thinking');
}

/** Whether an answer has thinking, or a signature of another family's. */
function wasForeign(blocks: readonly JsonObject[]): boolean {
  return hasThinking(blocks) || blocks.some(({ id }) => typeof id === 'string' && id.includes(idMark));
}
