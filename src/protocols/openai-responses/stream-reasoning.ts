/** A reasoning item of a stream. */
import type { ReasoningPart } from '../model.ts';
import { reasoningId, reasoningItem, withState } from './answer-encode.ts';
import { deltaHead, idField } from './event-text.ts';
import { itemOf, ownOf } from './kept-fields.ts';
import type { GrowingItem, Stage } from './stage.ts';

/** Begins an item with its first part, which is added to it next. */
export function openReasoning(first: ReasoningPart, stage: Stage): GrowingItem<ReasoningPart> {
  const { text } = stage;
  const outputIndex = stage.place();
  const id = reasoningId(first, stage.writer);
  const own = itemOf(first.extra);
  const group: ReasoningPart[] = [];
  let opening = stage.added(outputIndex, {
    ...(id !== undefined && { id }),
    type: 'reasoning',
    summary: [],
    ...(own === undefined && { status: 'in_progress' }),
  });
  let open = 0;
  let left = false;
  let closed = false;
  let incomplete = false;

  function close(): string {
    closed = true;
    return stage.done(outputIndex, withState(reasoningItem(group, id), own, incomplete));
  }

  return {
    get left() {
      return left;
    },
    add(given) {
      const part = { ...given };
      group.push(part);
      open++;
      const words = ownOf(part.extra)?.originalForm.content === undefined ? summaryWords : contentWords;
      const place = `${idField(id)},"output_index":${outputIndex},"${words.index}":0`;
      const head = deltaHead(words.delta, place);
      const chunks: string[] = [];
      const piece = (said: string): string =>
        `${place},"part":${JSON.stringify({ type: words.type, text: said })}`;
      const openPart = {
        delta(delta: string): string {
          const before = chunks.length === 0 ? text.event(words.added, piece('')) : '';
          chunks.push(delta);
          return before + text.delta(head, delta);
        },
        citation: () => '',
        signature(signature: ReasoningPart['signature']): void {
          part.signature = signature;
        },
        end(cut: boolean): string {
          incomplete ||= cut;
          part.text = chunks.join('');
          let wire = '';
          if (chunks.length > 0) {
            wire = text.event(words.done, `${place},"text":${JSON.stringify(part.text)}`);
            wire += text.event(words.partDone, piece(part.text));
          }
          open--;
          return open === 0 && left ? wire + close() : wire;
        },
      };
      const wire = opening + (part.text.length > 0 ? openPart.delta(part.text) : '');
      opening = '';
      return { wire, openPart };
    },
    leave(cut) {
      incomplete ||= cut && !closed;
      left = true;
      return open === 0 && !closed ? close() : '';
    },
  };
}

/** What the events of a summary are called, and those of the thinking itself, which open models show. */
const summaryWords = {
  index: 'summary_index',
  type: 'summary_text',
  added: 'response.reasoning_summary_part.added',
  delta: 'response.reasoning_summary_text.delta',
  done: 'response.reasoning_summary_text.done',
  partDone: 'response.reasoning_summary_part.done',
};
const contentWords = {
  index: 'content_index',
  type: 'reasoning_text',
  added: 'response.content_part.added',
  delta: 'response.reasoning_text.delta',
  done: 'response.reasoning_text.done',
  partDone: 'response.content_part.done',
};
