/** Bodies with as many things as fit, and, where that is refused, as many as pass. */
import { isHeavierThan, type JsonWeights } from '../../src/protocols/json-weight.ts';
import { bodySize, type Place, type TextPlace, type Thing } from './json-shapes.ts';

export interface Shape {
  name: string;
  body: string;
}

/** `refused`: also the one that passes the bound. */
export function filled(
  name: string,
  { body }: Place,
  thing: Thing,
  bound: number,
  weights: JsonWeights,
  { size = bodySize, refused = false } = {},
): Shape[] {
  const piece = thing(100_000).length + 1;
  const written = (count: number): string => body(Array.from({ length: count }, (_, at) => thing(at)).join());
  const whole = Math.floor(size / piece);
  const shape = (count: number): Shape => ({ name: `${name} (${count})`, body: written(count) });
  if (!isHeavierThan(bound, written(whole), weights)) return [shape(whole)];
  let least = 0;
  let most = whole;
  while (most - least > Math.max(1, whole / 2000)) {
    const middle = Math.floor((least + most) / 2);
    if (isHeavierThan(bound, written(middle), weights)) most = middle;
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
