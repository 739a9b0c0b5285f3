/** Between an answer that streams and one that is whole: a fold and its reverse. */
import type { Citation, Extra, Finish, Part, ProtocolError, Response, StreamEvent, Usage } from './model.ts';

/** The answer that a stream adds up to; the error when it failed or ended without its terminal event. */
export interface Fold {
  push(event: StreamEvent): void;
  /** Call after the last event. */
  result(): Response | ProtocolError;
}

/** Collects stream events of the first choice into the whole answer that they describe. */
export function foldEvents(): Fold {
  let start: Extract<StreamEvent, { type: 'start' }> | undefined;
  let finish: Finish | undefined;
  let usage: Usage | undefined;
  let extra: Extra | undefined;
  let error: ProtocolError | undefined;
  let ended = false;
  const parts: Part[] = [];
  const byIndex = new Map<number, { part: Part; chunks: string[]; citations: Citation[] }>();

  return {
    push(event) {
      switch (event.type) {
        case 'start':
          start = event;
          usage = event.usage ?? usage;
          break;
        case 'part-start':
          if ((event.choice ?? 0) === 0) {
            const part = { ...event.part };
            parts.push(part);
            byIndex.set(event.index, { part, chunks: [], citations: [] });
          }
          break;
        case 'delta':
          byIndex.get(event.index)?.chunks.push(event.text);
          break;
        case 'citation':
          byIndex.get(event.index)?.citations.push(event.citation);
          break;
        case 'signature': {
          const part = byIndex.get(event.index)?.part;
          if (part !== undefined && 'signature' in part) part.signature = event.signature;
          else if (part?.type === 'reasoning' || part?.type === 'text' || part?.type === 'tool-call') {
            part.signature = event.signature;
          }
          break;
        }
        case 'part-end':
          break;
        case 'usage':
          usage = event.usage;
          break;
        case 'finish':
          if ((event.choice ?? 0) === 0) {
            finish = event.finish;
            extra = event.extra ?? extra;
          }
          break;
        case 'error':
          error = event.error;
          break;
        case 'end':
          ended = true;
          break;
      }
    },
    result() {
      if (error !== undefined) return error;
      if (!ended || start === undefined) return cutStream;
      for (const { part, chunks, citations } of byIndex.values()) settle(part, chunks.join(''), citations);
      return {
        id: start.id,
        model: start.model,
        created: start.created,
        parts,
        finish: finish ?? { reason: 'other' },
        usage,
        extra: extra ?? start.extra,
      };
    },
  };
}

const cutStream: ProtocolError = {
  status: 502,
  kind: 'server',
  message: 'The upstream closed the stream before the answer was complete.',
  code: 'stream_cut',
};

function settle(part: Part, added: string, citations: Citation[]): void {
  switch (part.type) {
    case 'text':
      part.text += added;
      if (citations.length > 0) part.citations = [...(part.citations ?? []), ...citations];
      break;
    case 'reasoning':
    case 'refusal':
      part.text += added;
      break;
    case 'tool-call':
      part.input += added;
      break;
    default:
      break;
  }
}

/** The events of a stream that says the same as a whole answer: for clients that stream from an upstream that does not. */
export function unfoldResponse(response: Response, emit: (event: StreamEvent) => void): void {
  emit({
    type: 'start',
    id: response.id,
    model: response.model,
    created: response.created,
    usage: response.usage && { ...response.usage, output: 0 },
    extra: response.extra,
  });
  response.parts.forEach((part, index) => {
    switch (part.type) {
      case 'text': {
        const { citations, text, ...rest } = part;
        emit({ type: 'part-start', index, part: { ...rest, text: '' } });
        if (text.length > 0) emit({ type: 'delta', index, text });
        for (const citation of citations ?? []) emit({ type: 'citation', index, citation });
        break;
      }
      case 'reasoning': {
        const { signature, text, ...rest } = part;
        emit({ type: 'part-start', index, part: part.redacted ? part : { ...rest, text: '' } });
        if (part.redacted) break;
        if (text.length > 0) emit({ type: 'delta', index, text });
        if (signature !== undefined) emit({ type: 'signature', index, signature });
        break;
      }
      case 'refusal':
        emit({ type: 'part-start', index, part: { ...part, text: '' } });
        if (part.text.length > 0) emit({ type: 'delta', index, text: part.text });
        break;
      case 'tool-call':
        emit({ type: 'part-start', index, part: { ...part, input: '' } });
        if (part.input.length > 0) emit({ type: 'delta', index, text: part.input });
        break;
      default:
        emit({ type: 'part-start', index, part });
    }
    emit({ type: 'part-end', index });
  });
  if (response.usage !== undefined) emit({ type: 'usage', usage: response.usage });
  emit({ type: 'finish', finish: response.finish });
  emit({ type: 'end' });
}
