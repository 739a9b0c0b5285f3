/** Between an answer that streams and one that is whole: a fold and its reverse. */

import type { Finish, OtherAnswer, Response, StreamEvent, Usage } from './answer.ts';
import { type AnswerBounds, placeOf, usualAnswerBounds } from './answer-bounds.ts';
import type { Citation, Extra, Part, TokenLogprob } from './model.ts';
import type { ProtocolError } from './protocol-error.ts';

/** The answer that a stream adds up to; the error when it failed or ended without its terminal event. */
interface Fold {
  push(event: StreamEvent): void;
  /** Call after the last event. */
  result(): Response | ProtocolError;
}

/** What has come of a part. */
interface Growing {
  part: Part;
  chunks: string[];
  citations: Citation[];
  logprobs: TokenLogprob[];
}

/** Collects stream events into the whole answer that they describe. */
export function foldEvents(bounds: AnswerBounds = usualAnswerBounds): Fold {
  let start: Extract<StreamEvent, { type: 'start' }> | undefined;
  let finish: Finish | undefined;
  let usage: Usage | undefined;
  let extra: Extra | undefined;
  let error: ProtocolError | undefined;
  let ended = false;
  const parts: Part[] = [];
  const others: OtherAnswer[] = [];
  const byIndex = new Map<number, Growing>();

  /** The answer of a choice behind the first; those that nothing came of before it are empty. */
  function other(number: number): OtherAnswer {
    const choice = placeOf(number, 0, bounds);
    while (others.length < choice) others.push({ parts: [], finish: { reason: 'other' } });
    return others[choice - 1] ?? { parts: [], finish: { reason: 'other' } };
  }

  return {
    push(event) {
      switch (event.type) {
        case 'start':
          start = event;
          usage = event.usage ?? usage;
          break;
        case 'part-start': {
          const part = { ...event.part };
          const choice = event.choice ?? 0;
          (choice === 0 ? parts : other(choice).parts).push(part);
          byIndex.set(event.index, { part, chunks: [], citations: [], logprobs: [] });
          break;
        }
        case 'delta':
          byIndex.get(event.index)?.chunks.push(event.text);
          break;
        case 'citation':
          byIndex.get(event.index)?.citations.push(event.citation);
          break;
        case 'logprobs':
          for (const token of event.tokens) byIndex.get(event.index)?.logprobs.push(token);
          break;
        case 'signature': {
          const part = byIndex.get(event.index)?.part;
          if (part !== undefined && 'signature' in part) part.signature = event.signature;
          else if (part?.type === 'reasoning' || part?.type === 'text' || part?.type === 'tool-call') {
            part.signature = event.signature;
          }
          break;
        }
        case 'part-end': {
          const part = event.cut === true ? byIndex.get(event.index)?.part : undefined;
          if (part?.type === 'tool-call') part.cut = true;
          break;
        }
        case 'usage':
          usage = event.usage;
          break;
        case 'finish':
          if ((event.choice ?? 0) === 0) {
            finish = event.finish;
            extra = event.extra ?? extra;
          } else {
            const answer = other(event.choice ?? 0);
            answer.finish = event.finish;
            if (event.extra !== undefined) answer.extra = event.extra;
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
      for (const growing of byIndex.values()) settle(growing);
      return {
        id: start.id,
        model: start.model,
        created: start.created,
        parts,
        finish: finish ?? { reason: 'other' },
        ...(others.length > 0 && { others }),
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

function settle({ part, chunks, citations, logprobs }: Growing): void {
  const added = chunks.join('');
  switch (part.type) {
    case 'text':
      part.text += added;
      if (citations.length > 0) part.citations = [...(part.citations ?? []), ...citations];
      if (logprobs.length > 0) part.logprobs = [...(part.logprobs ?? []), ...logprobs];
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

/** The events of a stream that equals a whole answer: for clients that stream from an upstream that does not. */
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
    emitPart(part, index, 0, emit);
  });
  let next = response.parts.length;
  response.others?.forEach(({ parts, finish, extra }, at) => {
    for (const part of parts) emitPart(part, next++, at + 1, emit);
    emit({ type: 'finish', finish, choice: at + 1, ...(extra !== undefined && { extra }) });
  });
  if (response.usage !== undefined) emit({ type: 'usage', usage: response.usage });
  emit({ type: 'finish', finish: response.finish });
  emit({ type: 'end' });
}

function emitPart(part: Part, index: number, choice: number, emit: (event: StreamEvent) => void): void {
  const start = (begun: Part): void =>
    emit({ type: 'part-start', index, part: begun, ...(choice > 0 && { choice }) });
  switch (part.type) {
    case 'text': {
      const { citations, logprobs, text, ...rest } = part;
      start({ ...rest, text: '' });
      if (text.length > 0) emit({ type: 'delta', index, text });
      for (const citation of citations ?? []) emit({ type: 'citation', index, citation });
      if (logprobs !== undefined) emit({ type: 'logprobs', index, tokens: logprobs });
      break;
    }
    case 'reasoning': {
      const { signature, text, ...rest } = part;
      start(part.redacted ? part : { ...rest, text: '' });
      if (part.redacted) break;
      if (text.length > 0) emit({ type: 'delta', index, text });
      if (signature !== undefined) emit({ type: 'signature', index, signature });
      break;
    }
    case 'refusal':
      start({ ...part, text: '' });
      if (part.text.length > 0) emit({ type: 'delta', index, text: part.text });
      break;
    case 'tool-call': {
      const { cut, input, ...rest } = part;
      start({ ...rest, input: '' });
      if (input.length > 0) emit({ type: 'delta', index, text: input });
      emit({ type: 'part-end', index, ...(cut && { cut }) });
      return;
    }
    default:
      start(part);
  }
  emit({ type: 'part-end', index });
}
