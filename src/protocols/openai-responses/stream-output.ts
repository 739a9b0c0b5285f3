/** The output items of one stream, as they grow. */
import type { Signature } from '../model.ts';
import {
  beginsMessage,
  carrier,
  imageItem,
  isContent,
  type OutputWriter,
  type Speakable,
} from './answer-encode.ts';
import { isContentType } from './content-decode.ts';
import type { EventText } from './event-text.ts';
import { isJoined } from './kept-fields.ts';
import type { Begun, OpenPart, Stage } from './stage.ts';
import { beginCall } from './stream-call.ts';
import { openMessage } from './stream-message.ts';
import { openReasoning } from './stream-reasoning.ts';

/** The output of one stream, part by part; each method gives the wire text to send. */
interface StreamOutput {
  begin(index: number, part: Speakable): string;
  /** What is open of a part; undefined for one that never began or has ended. */
  openPart(index: number): OpenPart | undefined;
  end(index: number, cut: boolean): string;
  /** Ends everything that is open. `cut`: the answer ended early, and with its last item; a failure cuts what is open. */
  endAll(how: 'complete' | 'cut' | 'failed'): string;
  /** All items as JSON text, in order. */
  items(): string;
}

/** The output of a stream that has just begun. */
export function streamOutput(writer: OutputWriter, text: EventText): StreamOutput {
  const openParts = new Map<number, OpenPart>();
  const finished: string[] = [];
  let placed = 0;
  let message: ReturnType<typeof openMessage> | undefined;
  let reasoning: ReturnType<typeof openReasoning> | undefined;

  const stage: Stage = {
    writer,
    text,
    place: () => placed++,
    added: (outputIndex, item) =>
      text.event(
        'response.output_item.added',
        `,"output_index":${outputIndex},"item":${JSON.stringify(item)}`,
      ),
    done(outputIndex, item) {
      const json = JSON.stringify(item);
      finished[outputIndex] = json;
      return text.event('response.output_item.done', `,"output_index":${outputIndex},"item":${json}`);
    },
    whole(item, before = item) {
      const outputIndex = stage.place();
      return stage.added(outputIndex, before) + stage.done(outputIndex, item);
    },
  };

  /** Another item begins: those that could have gone on do not. */
  function leave(cut = false): string {
    const wire = (reasoning?.leave(cut) ?? '') + (message?.leave(cut) ?? '');
    reasoning = undefined;
    message = undefined;
    return wire;
  }

  function carried(signature: Signature | undefined): string {
    return signature === undefined ? '' : stage.whole(carrier(signature, 'next', writer));
  }

  function beginPart(part: Speakable): Begun {
    if (part.type === 'native' && !isContentType(part.value.type)) {
      return { wire: leave() + stage.whole(part.value), openPart: undefined };
    }
    if (isContent(part)) {
      let wire = '';
      if (message === undefined || message.left || beginsMessage(part)) {
        const signature = part.type === 'text' ? part.signature : undefined;
        wire = leave() + carried(signature);
        message = openMessage(part, stage);
        const begun = message.add(part);
        // Signed text is a message by itself, so that its signature finds it again.
        if (signature !== undefined) wire += begun.wire + leave();
        else wire += begun.wire;
        return { wire, openPart: begun.openPart };
      }
      wire = reasoning?.leave(false) ?? '';
      reasoning = undefined;
      const begun = message.add(part);
      return { wire: wire + begun.wire, openPart: begun.openPart };
    }
    if (part.type === 'reasoning') {
      const joins = reasoning !== undefined && isJoined(part.extra);
      const before = joins ? '' : leave();
      const open = (joins ? reasoning : undefined) ?? openReasoning(part, stage);
      const begun = open.add(part);
      reasoning = open;
      return { wire: before + begun.wire, openPart: begun.openPart };
    }
    const before = leave() + carried(part.signature);
    if (part.type === 'image') {
      const item = imageItem(part, writer);
      return {
        wire: before + stage.whole(item, { ...item, status: 'in_progress', result: null }),
        openPart: undefined,
      };
    }
    const begun = beginCall(part, stage);
    return { wire: before + begun.wire, openPart: begun.openPart };
  }

  function end(index: number, cut: boolean): string {
    const openPart = openParts.get(index);
    openParts.delete(index);
    return openPart?.end(cut) ?? '';
  }

  return {
    begin(index, part) {
      const { wire, openPart } = beginPart(part);
      if (openPart !== undefined) openParts.set(index, openPart);
      return wire;
    },
    openPart: (index) => openParts.get(index),
    end,
    endAll(how) {
      let wire = '';
      const open = [...openParts.keys()];
      for (const index of open)
        wire += end(index, how === 'failed' || (how === 'cut' && index === open.at(-1)));
      return wire + leave(how === 'cut');
    },
    items: () => finished.join(','),
  };
}
