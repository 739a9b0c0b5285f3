/**
 * How much of an answer's JSON is read: by the time that its values take, which `bounds.answer-values` says, and by their memory. Of a few
 * bytes values can make thirty times as many: an answer may take a few times its length, or what small ones may.
 */
import {
  answerWeights,
  exactly,
  isHeavierThan,
  memoryWeights,
  type WeighsMore,
  weighedInSteps,
  weighingSeveral,
} from './json-weight.ts';

/** Bytes of text for each 48 of memory; six times its length. */
const bytesOfUnit = 8;

/** The memory that values of a text of this length may take: that of two thirds of the values is 25 MB where nothing else is configured. */
function mostMemory(values: number, length: number): number {
  return Math.max((values * 2) / 3, length / bytesOfUnit);
}

/**
 * The same of embeddings: eight times its length, which is more than numbers of two digits take, and less than those of one, of which no
 * embedding is made.
 */
export function mostMemoryOfNumbers(values: number, length: number): number {
  return Math.max((values * 2) / 3, length / 6);
}

/** Whether an answer, or an event, has more values than are read. `values`: `bounds.answer-values`. */
export function isTooHeavy(values: number, json: Uint8Array | string): boolean {
  return (
    isHeavierThan(values, json, answerWeights) ||
    isHeavierThan(mostMemory(values, json.length), json, memoryWeights)
  );
}

/** The same in steps. `isExact`: its numbers stay as they are written. */
export function* tooHeavyInSteps(
  values: number,
  json: Uint8Array | string,
  isExact = false,
): Generator<void, boolean> {
  const [time, memory] = isExact
    ? [exactly(answerWeights), exactly(memoryWeights)]
    : [answerWeights, memoryWeights];
  return (
    (yield* weighedInSteps(values, json, time)) ||
    (yield* weighedInSteps(mostMemory(values, json.length), json, memory))
  );
}

/** The same of the arguments of an answer's calls, all together: each is one text in it, and values where it is read. */
export function weighingCalls(values: number): WeighsMore {
  const time = weighingSeveral(() => values, answerWeights);
  const memory = weighingSeveral((length) => mostMemory(values, length), memoryWeights);
  return (input) => time(input) || memory(input);
}
