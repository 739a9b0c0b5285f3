/** A message item of a stream. */
import type { JsonObject } from '../json.ts';
import type { Citation, RefusalPart, Signature, TextPart, TokenLogprob } from '../model.ts';
import { writeLogprobs } from '../openai-logprobs.ts';
import {
  type Content,
  carrier,
  encodeOutputContent,
  isEmptyMessage,
  messageItem,
  withState,
} from './answer-encode.ts';
import { encodeCitation } from './content-encode.ts';
import { deltaHead, idField } from './event-text.ts';
import { itemOf } from './kept-fields.ts';
import type { Begun, GrowingItem, Stage } from './stage.ts';

/** Begins a message with its first part, which is added to it next. */
export function openMessage(first: Content, stage: Stage): GrowingItem<Content> {
  const { text, writer } = stage;
  const outputIndex = stage.place();
  const content: JsonObject[] = [];
  const item = messageItem(content, first, writer);
  let opening = stage.added(outputIndex, { ...item, status: 'in_progress' });
  let open = 0;
  let left = false;
  let closed = false;
  let incomplete = false;
  /** The signature of a text that had begun without it. */
  let late: Signature | undefined;

  function close(): string {
    closed = true;
    // An item of this protocol has some of its fields only when it is complete.
    const around = first.type === 'native' ? undefined : itemOf(first.extra);
    const whole = { ...item, ...around, type: 'message', content };
    const wire = stage.done(outputIndex, withState(whole, around, incomplete));
    return late === undefined ? wire : wire + stage.whole(carrier(late, 'previous', writer));
  }

  function grow(part: TextPart | RefusalPart, at: number, place: string): Begun {
    let said = '';
    const citations: Citation[] = [];
    const logprobs: TokenLogprob[] = [];
    const isText = part.type === 'text';
    const head = isText
      ? deltaHead('response.output_text.delta', `${place},"logprobs":[]`)
      : deltaHead('response.refusal.delta', place);
    open++;
    const openPart = {
      delta(delta: string): string {
        said += delta;
        return text.delta(head, delta);
      },
      citation(citation: Citation): string {
        const annotation = isText ? encodeCitation(citation, said.length) : undefined;
        if (annotation === undefined) return '';
        citations.push(citation);
        return text.event(
          'response.output_text.annotation.added',
          `${place},"annotation_index":${citations.length - 1},"annotation":${JSON.stringify(annotation)}`,
        );
      },
      logprobs(tokens: readonly TokenLogprob[]): void {
        logprobs.push(...tokens);
      },
      signature(signature: Signature): void {
        if (isText) late = signature;
      },
      end(cut: boolean): string {
        incomplete ||= cut;
        const whole = encodeOutputContent(
          isText
            ? { ...part, text: said, citations, ...(logprobs.length > 0 && { logprobs }) }
            : { ...part, text: said },
        );
        content[at] = whole;
        const json = JSON.stringify(said);
        const done = isText
          ? text.event(
              'response.output_text.done',
              `${place},"text":${json},"logprobs":${JSON.stringify(writeLogprobs(logprobs))}`,
            )
          : text.event('response.refusal.done', `${place},"refusal":${json}`);
        const wire =
          done + text.event('response.content_part.done', `${place},"part":${JSON.stringify(whole)}`);
        open--;
        // Signed text is a message by itself, so that its signature finds it again.
        if (late !== undefined) left = true;
        return open === 0 && left ? wire + close() : wire;
      },
    };
    let wire = part.text.length > 0 ? openPart.delta(part.text) : '';
    if (isText) {
      for (const citation of part.citations ?? []) wire += openPart.citation(citation);
      logprobs.push(...(part.logprobs ?? []));
    }
    return { wire, openPart };
  }

  return {
    get left() {
      return left;
    },
    add(part) {
      let wire = opening;
      opening = '';
      if (isEmptyMessage(part)) return { wire, openPart: undefined };
      const at = content.length;
      const place = `${idField(item.id)},"output_index":${outputIndex},"content_index":${at}`;
      const shown = encodeOutputContent(emptied(part));
      content.push(shown);
      // Clients put annotations into the list that the part begins with.
      const json = JSON.stringify(part.type === 'text' ? { annotations: [], ...shown } : shown);
      wire += text.event('response.content_part.added', `${place},"part":${json}`);
      if (part.type === 'native') {
        return {
          wire: wire + text.event('response.content_part.done', `${place},"part":${json}`),
          openPart: undefined,
        };
      }
      const begun = grow(part, at, place);
      return { wire: wire + begun.wire, openPart: begun.openPart };
    },
    leave(cut) {
      incomplete ||= cut && !closed;
      left = true;
      return open === 0 && !closed ? close() : '';
    },
  };
}

/** The part before its text has come. */
function emptied(part: Content): Content {
  switch (part.type) {
    case 'native':
      return part;
    case 'text':
      return { ...part, text: '', citations: [] };
    case 'refusal':
      return { ...part, text: '' };
  }
}
