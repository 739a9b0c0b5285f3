/** How one protocol is spoken over a WebSocket: one frame asks, the events of the answer come as frames. */
import type { JsonObject } from './json.ts';

/** The meaning of a frame that is not part of an answer: the answer that HTTP would have given. */
type FrameRefusal =
  | { kind: 'refused'; status: number; headers: [string, string][]; body: JsonObject }
  /** Frames may not be as large; HTTP may take it. */
  | { kind: 'too-big' }
  /** The connection has to be made anew. */
  | { kind: 'renew' };

export interface WebSocketForm {
  /** The frame that asks for what a POST of this body would. */
  frameOf(body: string): string;
  /** The event of a frame: its name, and its data in one line, as HTTP would have brought them. */
  eventOf(frame: string): { type: string; text: string };
  /** Whether an event of this name is no part of an answer. */
  isAside(type: string): boolean;
  /** Whether an event of this name is the last of its answer. */
  endsAnswer(type: string): boolean;
  /** The name of events that refuse, where they come before an answer. */
  readonly errorEvent: string;
  /** What the data of such an event comes to. */
  refusalIn(text: string): FrameRefusal;
}
