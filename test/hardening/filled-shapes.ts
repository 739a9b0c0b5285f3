/** Bodies with as many things as fit, and, where that is refused, as many as pass. */
import { shippedBounds } from '../../src/config/bounds.ts';
import { isTooHeavy } from '../../src/protocols/answer-weight.ts';
import { isHeavierThan, requestWeights } from '../../src/protocols/json-weight.ts';
import { bodySize, type Place, type TextPlace, type Thing } from './json-shapes.ts';

export interface Shape {
  name: string;
  body: string;
}

/** Whether a body has more values than are read. */
export type TooMuch = (body: string) => boolean;

export const tooMuchOfRequest: TooMuch = (body) =>
  isHeavierThan(shippedBounds['json-values'], body, requestWeights);

export const tooMuchOfAnswer: TooMuch = (body) => isTooHeavy(shippedBounds['answer-values'], body);

/** `refused`: also the one that passes the bound. */
export function filled(
  name: string,
  { body }: Place,
  thing: Thing,
  isTooMuch: TooMuch,
  { size = bodySize, refused = false } = {},
): Shape[] {
  const piece = thing(100_000).length + 1;
  const written = (count: number): string => body(Array.from({ length: count }, (_, at) => thing(at)).join());
  const whole = Math.floor(size / piece);
  const shape = (count: number): Shape => ({ name: `${name} (${count})`, body: written(count) });
  if (!isTooMuch(written(whole))) return [shape(whole)];
  let least = 0;
  let most = whole;
  while (most - least > Math.max(1, whole / 2000)) {
    const middle = Math.floor((least + most) / 2);
    if (isTooMuch(written(middle))) most = middle;
    else least = middle;
  }
  return refused ? [shape(least), shape(whole)] : [shape(least)];
}

/** A place with one text of nothing but these pieces. */
export function filledText(what: string, place: TextPlace, piece: string, size = bodySize): Shape {
  return {
    name: `${what} in ${place.name}`,
    body: place.body(piece.repeat(Math.floor(size / Buffer.byteLength(piece)))),
  };
}
