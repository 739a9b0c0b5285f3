/** The wire text of stream events. Each carries the number of its place in the stream. */
import { flat, insideQuotes } from '../delta-text.ts';

/** A writer of one stream's events. */
export interface EventText {
  /** An event whose other fields are `rest`: JSON text that begins with a comma, or nothing. */
  event(type: string, rest: string): string;
  /** More of a text; `head` is what {@link deltaHead} made. */
  delta(head: string, text: string): string;
}

/** A writer whose first event has the number 0. */
export function eventText(): EventText {
  let sequence = 0;
  return {
    event: (type, rest) =>
      `event: ${type}\ndata: {"type":"${type}"${rest},"sequence_number":${sequence++}}\n\n`,
    delta: (head, text) => `${head}${insideQuotes(text)}","sequence_number":${sequence++}}\n\n`,
  };
}

/** All of a delta event that is the same for each delta of a part. */
export function deltaHead(type: string, place: string): string {
  return flat('event: ', type, '\ndata: {"type":"', type, '"', place, ',"delta":"');
}

/** `,"item_id":…`; nothing for an item without an id. */
export function idField(id: unknown): string {
  return typeof id === 'string' ? `,"item_id":${JSON.stringify(id)}` : '';
}
