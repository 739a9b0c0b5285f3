/** What a request asks for, as far as model routes depend on it: each is found out when a rule or a target needs it. */
import type { Bounds } from '../config/bounds.ts';
import type { AskedFeatures } from '../credentials/route-target.ts';
import { inputTokens } from '../limits/token-estimate.ts';
import { isForm } from '../protocols/form-fields.ts';
import { InvalidRequest } from '../protocols/invalid-request.ts';
import type { Part } from '../protocols/model.ts';
import { codecs } from '../protocols/registry.ts';
import type { Request as CanonicalRequest } from '../protocols/request.ts';
import type { ClientRequest } from './answer.ts';
import type { ReadRequest } from './read-request.ts';

/** Words in the names of small models, which clients ask for work on the side. */
const smallModel = /(?:^|[^a-z])(?:haiku|mini|nano|lite|flash|small)(?:[^a-z]|$)/i;

export function askedFeatures(
  request: ClientRequest,
  read: ReadRequest,
  bounds: Pick<Bounds, 'token-estimate'>,
): AskedFeatures {
  const { body, model } = request;
  let tokens: number | undefined;
  let images: boolean | undefined;
  let canonical: CanonicalRequest | undefined | null = null;

  /** Undefined for what is no conversation, or cannot be read: serving it reports that. */
  function conversation(): CanonicalRequest | undefined {
    if (canonical === null) canonical = readConversation(request, read);
    return canonical;
  }

  function hasImages(): boolean {
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    return (
      // Reading all of a body without any of them is spared.
      codecs[request.protocol].imageWords.some((word) => bytes.includes(word, 0, 'latin1')) &&
      conversation()?.messages.some(({ parts }) => parts.some(isImage)) === true
    );
  }

  return {
    tokens() {
      tokens ??=
        request.expectedInput ??
        (isForm(request.headers.get('content-type'), body) ? 0 : inputTokens(body, bounds['token-estimate']));
      return tokens;
    },
    images() {
      images ??= hasImages();
      return images;
    },
    webSearch: () =>
      conversation()?.tools?.some(
        (tool) => tool.type === 'hosted' && (tool.kind === 'web-search' || tool.kind === 'web-index'),
      ) === true,
    thinking() {
      const amount = read.amount ?? conversation()?.reasoning?.amount;
      return (
        amount !== undefined && amount.kind !== 'off' && !(amount.kind === 'budget' && amount.tokens === 0)
      );
    },
    background: () => smallModel.test(model),
  };
}

function readConversation(request: ClientRequest, read: ReadRequest): CanonicalRequest | undefined {
  const { operation, protocol } = request;
  try {
    if (operation === 'generate') return read.canonical();
    if (operation !== 'count-tokens') return undefined;
    const { decodeRequest, tokenCounting } = codecs[protocol];
    const json = read.json();
    return decodeRequest(tokenCounting.counted?.(json) ?? json, request);
  } catch (error) {
    if (error instanceof InvalidRequest) return undefined;
    throw error;
  }
}

function isImage(part: Part): boolean {
  switch (part.type) {
    case 'image':
      return true;
    case 'tool-result':
      return part.content.some(isImage);
    case 'file':
      return (part.pictures?.some(isImage) ?? false) || hasImageType(part.source);
    default:
      return false;
  }
}

function hasImageType(source: Extract<Part, { type: 'file' }>['source']): boolean {
  return 'mediaType' in source && source.mediaType?.startsWith('image/') === true;
}
