/** What the items of a stream share: where they are put, and what a part can do while it is open. */
import type { JsonObject } from '../json.ts';
import type { Citation, Signature, TokenLogprob } from '../model.ts';
import type { OutputWriter } from './answer-encode.ts';
import type { EventText } from './event-text.ts';

/** A part that is open. */
export interface OpenPart {
  delta(text: string): string;
  citation(citation: Citation): string;
  signature(signature: Signature): void;
  /** Where the open part is text. */
  logprobs?(tokens: readonly TokenLogprob[]): void;
  /** `cut`: the answer ended, or failed, before the part was complete. */
  end(cut: boolean): string;
}

/** What begins with a part: the wire text, and the open part if the part can grow. */
export interface Begun {
  wire: string;
  openPart: OpenPart | undefined;
}

/** An item of several parts. It ends when it has been left and none of its parts is open. */
export interface GrowingItem<P> {
  add(part: P): Begun;
  /** `cut`: the answer ended early, and with this item. */
  leave(cut: boolean): string;
  readonly left: boolean;
}

/** Where items are put. */
export interface Stage {
  writer: OutputWriter;
  text: EventText;
  /** The next `output_index`. */
  place(): number;
  added(outputIndex: number, item: JsonObject): string;
  done(outputIndex: number, item: JsonObject): string;
  /** An item that comes whole; `before` is what it is when it is added. */
  whole(item: JsonObject, before?: JsonObject): string;
}
