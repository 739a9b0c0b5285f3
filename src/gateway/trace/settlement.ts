/**
 * What a request has come to: tokens as the provider counted them, or as they look where it did not, and what they cost. Made
 * once when a request is over; limits, the log, the usage store and metrics all take this very object.
 */

import { inputTokens } from '../../limits/token-estimate.ts';
import { isInteraction, writesText } from '../../protocols/operation.ts';
import { type MediaTokens, mediaNames, sumOf } from '../../protocols/token-counts.ts';
import { costOf } from '../../usage/cost.ts';
import { nanoOf } from '../../usage/money.ts';
import type { PriceList } from '../../usage/price-list.ts';
import type { Cost, Served, Usage, UsageTokens } from '../../usage/record.ts';
import type { ClientRequest } from '../answer.ts';
import { isForwarded } from '../forward-operation.ts';
import { isReleased } from '../large-body.ts';
import type { Outcome } from '../stream/pass-stream.ts';

export interface Settling {
  request: ClientRequest;
  /** What the model that served is called here: not the name of a model route before it. */
  named: string;
  /** Bytes of its body when it came. */
  size: number;
  served: Served | undefined;
  status: number;
  outcome: Partial<Outcome>;
  prices: PriceList | undefined;
  /** Ms since the epoch. */
  at: number;
}

/** Bytes of JSON text of a body that are looked at for an estimate, where there is no earlier one. */
const estimatedBytes = 4 * 1024 * 1024;

export function settled({ request, named, size, served, status, outcome, prices, at }: Settling): Usage {
  const { serviceTier: tier } = outcome;
  const reported = reportedTokens(outcome, request.operation);
  const { tokens, counted } = countedTokens(request, size, served, status, outcome, reported);
  const cost = served && costOfServed(request.operation, named, served, tokens, outcome, prices, at);
  return { tokens, counted, tier, cost };
}

/**
 * What several attempts of one request have come to together. A cost that is unknown of one is unknown of all: that it were
 * nothing would be wrong.
 */
export function usageTogether(all: readonly Usage[]): Usage {
  const counted = all.filter(({ counted }) => counted !== 'none');
  const [first, second] = counted;
  if (first === undefined || second === undefined) return first ?? all.at(-1) ?? uncounted;
  const sum = (name: keyof UsageTokens): number | undefined =>
    sumOf(...counted.map(({ tokens }) => tokens[name]));
  const costs = counted.flatMap(({ cost }) => cost ?? []);
  const nano = costs.reduce((total, cost) => total + cost.nano, 0);
  const last = costs.at(-1);
  return {
    tokens: {
      input: sum('input'),
      cacheRead: sum('cacheRead'),
      cacheWrite: sum('cacheWrite'),
      cacheWrite1h: sum('cacheWrite1h'),
      output: sum('output'),
      reasoning: sum('reasoning'),
      ...mediaOf((name) => sum(name)),
    },
    counted:
      (['unknown', 'estimate', 'odd'] as const).find((word) => counted.some((one) => one.counted === word)) ??
      'provider',
    tier: counted.at(-1)?.tier,
    cost: last === undefined || costs.length < counted.length ? undefined : { nano, source: last.source },
  };
}

const uncounted: Usage = { tokens: {}, counted: 'none', tier: undefined, cost: undefined };

function reportedTokens(outcome: Outcome, operation: ClientRequest['operation']): UsageTokens {
  const { input, cacheRead, cacheWrite, cacheWrite1h, output, reasoning } = outcome;
  const tokens = { input, cacheRead, cacheWrite, cacheWrite1h, output, reasoning };
  const media = mediaOf((name) => outcome[name]);
  // An older image service counts its output without marking it as images.
  if (makesImages(operation) && output !== undefined && outcome.imageOutput === undefined)
    return { ...tokens, ...media, imageOutput: output };
  return media === undefined ? tokens : { ...tokens, ...media };
}

/** Tokens that are no text, as far as there are any; undefined where there are none. */
function mediaOf(of: (name: keyof MediaTokens) => number | undefined): MediaTokens | undefined {
  let media: MediaTokens | undefined;
  for (const name of mediaNames) {
    const count = of(name);
    if (count !== undefined) media = { ...media, [name]: count };
  }
  return media;
}

function countedTokens(
  request: ClientRequest,
  size: number,
  served: Served | undefined,
  status: number,
  { said }: Partial<Outcome>,
  reported: UsageTokens,
): Pick<Usage, 'tokens' | 'counted'> {
  const { operation } = request;
  // A count is what a request would take: nothing has been taken.
  if (operation === 'count-tokens') return { tokens: {}, counted: 'none' };
  if (reported.input === undefined && reported.output === undefined) {
    if (served === undefined || status >= 400) return { tokens: {}, counted: 'none' };
    // An image, sound, what was heard: it has cost something, and not by tokens of text.
    if (!countsTokens(operation)) return { tokens: {}, counted: 'unknown' };
  }
  const writes = writesText(operation);
  const guessesInput = reported.input === undefined && countsTokens(operation);
  const guessesOutput = writes && said !== undefined;
  const tokens: UsageTokens =
    guessesInput || guessesOutput
      ? {
          ...reported,
          input: guessesInput ? (request.expectedInput ?? estimatedInput(request, size)) : reported.input,
          // What a provider counts on the way is not the end of it.
          output: guessesOutput ? Math.max(reported.output ?? 0, said) : reported.output,
        }
      : reported;
  const consistent = withinTotals(tokens);
  if (guessesInput || guessesOutput) return { tokens: consistent ?? tokens, counted: 'estimate' };
  return consistent === undefined ? { tokens, counted: 'provider' } : { tokens: consistent, counted: 'odd' };
}

/** The tokens with parts that are no larger than their totals; undefined where they are so already. */
function withinTotals(tokens: UsageTokens): UsageTokens | undefined {
  const { input = 0, cacheRead = 0, cacheWrite = 0, cacheWrite1h = 0, output = 0, reasoning = 0 } = tokens;
  const media = mediaOf((name) => tokens[name]);
  const fits = cacheRead + cacheWrite <= input && cacheWrite1h <= cacheWrite && reasoning <= output;
  if (fits && (media === undefined || mediaFits(media, tokens))) return undefined;
  const read = Math.min(cacheRead, input);
  const written = Math.min(cacheWrite, input - read);
  return {
    ...tokens,
    ...(tokens.cacheRead !== undefined && { cacheRead: read }),
    ...(tokens.cacheWrite !== undefined && { cacheWrite: written }),
    ...(tokens.cacheWrite1h !== undefined && { cacheWrite1h: Math.min(cacheWrite1h, written) }),
    ...(tokens.reasoning !== undefined && { reasoning: Math.min(reasoning, output) }),
    ...(media !== undefined && mediaWithin(media, { input, read, output })),
  };
}

function mediaFits(media: MediaTokens, { input = 0, cacheRead = 0, output = 0 }: UsageTokens): boolean {
  const { audioInput = 0, imageInput = 0, videoInput = 0, audioRead = 0, imageRead = 0 } = media;
  const { audioOutput = 0, imageOutput = 0 } = media;
  return (
    audioInput + imageInput + videoInput <= input &&
    audioRead + imageRead <= cacheRead &&
    audioRead <= audioInput &&
    imageRead <= imageInput &&
    audioOutput + imageOutput <= output
  );
}

/** Each as far as there is room for it in its total. */
function mediaWithin(
  media: MediaTokens,
  { input, read, output }: { input: number; read: number; output: number },
): MediaTokens {
  const left = { input, read, output };
  const within: MediaTokens = {};
  const take = (name: keyof MediaTokens, total: keyof typeof left, most = Number.POSITIVE_INFINITY): void => {
    const count = media[name];
    if (count === undefined) return;
    const kept = Math.min(count, left[total], most);
    left[total] -= kept;
    within[name] = kept;
  };
  take('audioInput', 'input');
  take('imageInput', 'input');
  take('videoInput', 'input');
  take('audioRead', 'read', within.audioInput ?? 0);
  take('imageRead', 'read', within.imageInput ?? 0);
  take('audioOutput', 'output');
  take('imageOutput', 'output');
  return within;
}

/** A large body has been let go of by then: its length is left. */
function estimatedInput({ body, operation }: ClientRequest, size: number): number {
  if (operation !== 'generate' && !isInteraction(operation)) return Math.ceil(size / 4);
  return isReleased(body) ? Math.ceil(size / 4) : inputTokens(body, estimatedBytes);
}

function costOfServed(
  operation: ClientRequest['operation'],
  named: string,
  { model }: Served,
  tokens: UsageTokens,
  outcome: Partial<Outcome>,
  prices: PriceList | undefined,
  at: number,
): Cost | undefined {
  if (outcome.cost !== undefined) return { nano: nanoOf(outcome.cost), source: 'upstream' };
  if (prices === undefined || operation === 'count-tokens') return undefined;
  if (tokens.input === undefined && tokens.output === undefined) return undefined;
  const known = prices.priceOf(model, named, at);
  return known && { nano: costOf(known.price, tokens, outcome.serviceTier), source: known.source };
}

/** Whether an operation is paid for by tokens of text; counting them is not. */
export function countsTokens(operation: ClientRequest['operation']): boolean {
  return operation !== 'count-tokens' && (!isForwarded(operation) || writesText(operation));
}

function makesImages(operation: ClientRequest['operation']): boolean {
  return operation === 'generate-image' || operation === 'edit-image';
}
