/** Writes the deltas of one choice. */
import { sourceBase64 } from '../base64.ts';
import { flat, insideQuotes } from '../delta-text.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Citation, Part, Signature, TokenLogprob } from '../model.ts';
import { writeLogprobs } from '../openai-logprobs.ts';
import { encodeAnnotation } from './annotations.ts';
import { encodePart } from './content-encode.ts';
import { ownFields } from './kept-fields.ts';
import { sealedDetail, signatureDetails } from './reasoning-details.ts';
import type { CallSealer } from './response.ts';
import { encodeToolCall } from './tool-calls.ts';

export interface ChoiceEncoder {
  /** The chunk that names the role: the first one of every choice. */
  role(): string;
  start(index: number, part: Part): string;
  delta(index: number, text: string): string;
  cite(index: number, citation: Citation): void;
  logprobs(index: number, tokens: readonly TokenLogprob[]): string;
  sign(index: number, signature: Signature): string;
  end(index: number): string;
  /** Ends the parts that are still open. */
  close(): string;
  /** The chunk with the finish reason; `fields` are the choice's own, `chunkHead` the chunk's text up to its choices. */
  finish(word: string, fields: JsonObject | undefined, chunkHead: string): string;
  finished(): boolean;
  /** Whether a tool was called. */
  called(): boolean;
}

interface ChoiceEncoderOptions {
  /** The chunk's text up to its delta. */
  head: string;
  /** The choice's place in the answer. */
  index: number;
  /** The client knows `function_call` only. */
  legacy: boolean;
  sealer: CallSealer;
  newId(prefix: string): string;
  unixSeconds(): number;
}

const tail = ',"finish_reason":null}]}\n\n';

/** A field of the message that one part after another fills. */
interface PartQueue {
  live: OpenPart | undefined;
  waiting: OpenPart[];
  /** UTF-16 units written so far. */
  length: number;
}

/** A part that is being written. Its deltas are `before`, what JSON writes between the quotes, `after`. */
interface OpenPart {
  part: Part;
  before: string;
  after: string;
  queue: PartQueue | undefined;
  /** Where the part begins in its queue's text. */
  from: number;
  length: number;
  /** What came while another part held the queue. */
  held: string;
  ended: boolean;
  citations: Citation[] | undefined;
  signature: Signature | undefined;
  /** The place among the tool calls. */
  call: number;
}

export function choiceEncoder(options: ChoiceEncoderOptions): ChoiceEncoder {
  const { head, legacy, sealer } = options;
  const open: (OpenPart | undefined)[] = [];
  const content: PartQueue = { live: undefined, waiting: [], length: 0 };
  const thinking: PartQueue = { live: undefined, waiting: [], length: 0 };
  const refusals: PartQueue = { live: undefined, waiting: [], length: 0 };
  let calls = 0;
  let images = 0;
  let details = 0;
  let done = false;

  function chunk(delta: JsonObject): string {
    return head + JSON.stringify(delta) + tail;
  }

  function track(
    index: number,
    part: Part,
    queue: PartQueue | undefined,
    before: string,
    after: string,
  ): OpenPart {
    const made: OpenPart = {
      part,
      before: flat(head, before, '"'),
      after: flat('"', after, tail),
      queue,
      from: 0,
      length: 0,
      held: '',
      ended: false,
      citations: undefined,
      signature: 'signature' in part ? part.signature : undefined,
      call: calls,
    };
    open[index] = made;
    return made;
  }

  /** Begins a part of text; it waits while another one is being written into the same field. */
  function startText(
    index: number,
    part: Part & { text: string },
    queue: PartQueue,
    before: string,
    after: string,
  ): string {
    const made = track(index, part, queue, before, after);
    if (queue.live === undefined) {
      queue.live = made;
      made.from = queue.length;
      return part.text === '' ? '' : write(made, part.text);
    }
    made.held = part.text;
    queue.waiting.push(made);
    return '';
  }

  function write(part: OpenPart, text: string): string {
    part.length += text.length;
    if (part.queue !== undefined) part.queue.length += text.length;
    return part.before + insideQuotes(text) + part.after;
  }

  function startCall(index: number, part: Extract<Part, { type: 'tool-call' }>): string {
    if (legacy) {
      if (calls++ > 0) return '';
      track(index, part, undefined, '{"function_call":{"arguments":', '}}');
      return chunk({ function_call: { name: part.name, arguments: part.input } });
    }
    const field = part.kind === 'custom' ? '"custom":{"input":' : '"function":{"arguments":';
    track(index, part, undefined, `{"tool_calls":[{"index":${calls},${field}`, '}}]}');
    const call = encodeToolCall(part, sealer.id(part), part.name);
    return chunk({ tool_calls: [{ index: calls++, ...call }] });
  }

  function whole(part: Part): string {
    if (part.type === 'image') {
      const image = encodePart(part, { cache: false, report: () => {} });
      return image === undefined ? '' : chunk({ images: [{ index: images++, ...image }] });
    }
    if (part.type !== 'audio') return '';
    const data = sourceBase64(part.source);
    if (data === undefined) return '';
    const fields = ownFields(part.extra) ?? {
      id: options.newId('audio'),
      expires_at: options.unixSeconds() + 3600,
    };
    return chunk({ audio: { transcript: part.transcript ?? '', ...fields, data } });
  }

  /** The annotations and the signature of a part whose text is out. */
  function conclude(part: OpenPart): string {
    let text = '';
    const annotations = part.citations?.flatMap((citation): Json[] => {
      const annotation = encodeAnnotation(citation, part.from, part.from + part.length);
      return annotation === undefined ? [] : [annotation];
    });
    if (annotations !== undefined && annotations.length > 0) text += chunk({ annotations });
    const { signature } = part;
    if (signature === undefined || part.part.type === 'tool-call') return text;
    if (signature.family === 'chat') {
      const list = part.part.type === 'reasoning' ? signatureDetails(signature.value) : [];
      return list.length === 0 ? text : text + chunk({ reasoning_details: list });
    }
    const onText = part.part.type !== 'reasoning';
    const thought = part.part.type === 'reasoning' ? part.part : {};
    if (!onText) sealer.thought({ ...thought, signature }, part.length);
    const detail = sealedDetail(thought, signature, onText ? 0 : part.length, details++, onText);
    return text + chunk({ reasoning_details: [detail] });
  }

  /** Ends a part, and writes what waited for its field. */
  function endPart(part: OpenPart): string {
    const { queue } = part;
    part.ended = true;
    if (queue === undefined) return conclude(part);
    if (queue.live !== part) return '';
    let text = conclude(part);
    queue.live = undefined;
    for (let next = queue.waiting.shift(); next !== undefined; next = queue.waiting.shift()) {
      next.from = queue.length;
      if (next.held !== '') text += write(next, next.held);
      next.held = '';
      if (!next.ended) {
        queue.live = next;
        return text;
      }
      text += conclude(next);
    }
    return text;
  }

  return {
    role: () => chunk({ role: 'assistant', content: '' }),
    start(index, part) {
      switch (part.type) {
        case 'text':
          return startText(index, part, content, '{"content":', '}');
        case 'refusal':
          return startText(index, part, refusals, '{"refusal":', '}');
        case 'reasoning': {
          const fields = ownFields(part.extra);
          if (fields?.type === 'thinking')
            return startText(
              index,
              part,
              thinking,
              '{"content":[{"type":"thinking","thinking":[{"type":"text","text":',
              '}]}]}',
            );
          const name = fields?.reasoning === true ? 'reasoning' : 'reasoning_content';
          return startText(index, part, thinking, `{"${name}":`, '}');
        }
        case 'tool-call':
          return startCall(index, part);
        default:
          return whole(part);
      }
    },
    delta(index, text) {
      const part = open[index];
      if (part === undefined) return '';
      if (part.queue !== undefined && part.queue.live !== part) {
        part.held += text;
        return '';
      }
      return write(part, text);
    },
    cite(index, citation) {
      const part = open[index];
      if (part === undefined) return;
      part.citations ??= [];
      part.citations.push(citation);
    },
    logprobs(index, tokens) {
      if (open[index] === undefined) return '';
      const logprobs = JSON.stringify({ content: writeLogprobs(tokens), refusal: null });
      return `${head}{},"logprobs":${logprobs}${tail}`;
    },
    sign(index, signature) {
      const part = open[index];
      if (part === undefined) return '';
      part.signature = signature;
      if (part.part.type !== 'tool-call' || signature.family !== 'gemini') return '';
      return chunk({
        tool_calls: [{ index: part.call, extra_content: { google: { thought_signature: signature.value } } }],
      });
    },
    end(index) {
      const part = open[index];
      open[index] = undefined;
      return part === undefined ? '' : endPart(part);
    },
    close() {
      let text = '';
      open.forEach((part, index) => {
        open[index] = undefined;
        if (part !== undefined) text += endPart(part);
      });
      return text;
    },
    finish(word, fields, chunkHead) {
      done = true;
      const choice = { index: options.index, delta: {}, finish_reason: word, ...fields };
      return `${chunkHead}${JSON.stringify(choice)}]}\n\n`;
    },
    finished: () => done,
    called: () => calls > 0,
  };
}
