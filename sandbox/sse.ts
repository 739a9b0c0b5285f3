/** Server-sent events as the providers write them. */
export interface SseEvent {
  /** The `event:` field; undefined where the provider names none. */
  event: string | undefined;
  /** JSON text, which has no line breaks. */
  data: string;
}

/** One event as wire text. */
export function sseText(data: string, event?: string): string {
  return event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`;
}
