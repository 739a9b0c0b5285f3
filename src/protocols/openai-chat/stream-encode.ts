/** Writes a stream of `chat.completion.chunk` objects. platform.openai.com/docs/api-reference/chat/streaming */

import type { Finish, StreamEvent, Usage } from '../answer.ts';
import type { EncodeContext, StreamEncoder } from '../codec.ts';
import type { JsonObject } from '../json.ts';
import type { Extra, Part, Signature } from '../model.ts';
import { doneMark } from '../sse.ts';
import { type ChoiceEncoder, choiceEncoder } from './choice-encode.ts';
import { encodeError } from './errors.ts';
import { encodeFinish } from './finish.ts';
import { own } from './kept-fields.ts';
import { callSealer, choiceFieldsOf, wantsFunctionCall } from './response.ts';
import { encodeUsage } from './usage.ts';

/** The text of a chunk up to its choices. */
function chunkHead(fields: JsonObject): string {
  return `data: ${JSON.stringify(fields).slice(0, -1)},"choices":[`;
}

function answerFields({ id, object, created, model }: JsonObject): JsonObject {
  return { id, object, created, model };
}

/** A writer for one stream: the role first, then content, the finish chunk, usage if the client asked for it, `[DONE]`. */
export function streamEncoder(context: EncodeContext): StreamEncoder {
  const legacy = wantsFunctionCall(context.request);
  const choices: ChoiceEncoder[] = [];
  /** The choice that a part belongs to, by the part's index. */
  const owners: (ChoiceEncoder | undefined)[] = [];
  let native = false;
  let head = '';
  let fields: JsonObject = {};
  let usage: Usage | undefined;

  function begin(event: Extract<StreamEvent, { type: 'start' }>): string {
    const extra = own(event.extra);
    native = extra !== undefined;
    usage = event.usage;
    fields = {
      ...extra?.fields,
      id: event.id || (native ? event.id : context.newId('chatcmpl')),
      object: 'chat.completion.chunk',
      created: event.created ?? context.unixSeconds(),
      model: context.model,
    };
    head = chunkHead(fields);
    return choiceAt(0).role();
  }

  function choiceAt(index: number): ChoiceEncoder {
    const known = choices[index];
    if (known !== undefined) return known;
    const made = choiceEncoder({
      head: `${head}{"index":${index},"delta":`,
      index,
      legacy,
      sealer: callSealer(),
      newId: context.newId,
      unixSeconds: context.unixSeconds,
    });
    choices[index] = made;
    return made;
  }

  function startPart(index: number, part: Part, at: number): string {
    let choice = choices[at];
    let text = '';
    if (choice === undefined) {
      choice = choiceAt(at);
      text = choice.role();
    }
    owners[index] = choice;
    return text + choice.start(index, part);
  }

  function finish(reason: Finish, at: number, extra: Extra | undefined): string {
    const choice = choiceAt(at);
    if (choice.finished()) return '';
    const kept = own(extra);
    const word = encodeFinish(reason, native, legacy);
    // Some servers send fields of the whole answer only in its last chunk.
    const last = kept === undefined ? head : chunkHead({ ...kept.fields, ...answerFields(fields) });
    return choice.close() + choice.finish(word, choiceFieldsOf(kept), last);
  }

  function end(): string {
    let text = '';
    if (choices.length === 0) choiceAt(0);
    choices.forEach((choice, at) => {
      if (!choice.finished())
        text += finish({ reason: choice.called() ? 'tool-calls' : 'stop' }, at, undefined);
    });
    if (context.request.includeUsage && usage !== undefined) {
      // Some servers name the tier in the chunk of the usage alone.
      const tier =
        native && fields.service_tier === undefined && usage.serviceTier !== undefined
          ? `,"service_tier":${JSON.stringify(usage.serviceTier)}`
          : '';
      text += `${head}],"usage":${JSON.stringify(encodeUsage(usage))}${tier}}\n\n`;
    }
    return `${text}data: ${doneMark}\n\n`;
  }

  function sign(index: number, signature: Signature): string {
    return owners[index]?.sign(index, signature) ?? '';
  }

  return {
    encode(event) {
      switch (event.type) {
        case 'delta':
          return owners[event.index]?.delta(event.index, event.text) ?? '';
        case 'start':
          return begin(event);
        case 'part-start':
          return startPart(event.index, event.part, event.choice ?? 0);
        case 'citation':
          owners[event.index]?.cite(event.index, event.citation);
          return '';
        case 'logprobs':
          return owners[event.index]?.logprobs(event.index, event.tokens) ?? '';
        case 'signature':
          return sign(event.index, event.signature);
        case 'part-end':
          return owners[event.index]?.end(event.index) ?? '';
        case 'usage':
          usage = event.usage;
          return '';
        case 'finish':
          return finish(event.finish, event.choice ?? 0, event.extra);
        case 'error':
          return `data: ${JSON.stringify(encodeError(event.error))}\n\n`;
        case 'end':
          return end();
      }
    },
  };
}
