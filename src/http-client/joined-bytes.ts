/** The pieces one behind the other; a single one as it is. Not a Buffer: a part of one costs ten times as much. */
export function joined<Piece extends Uint8Array>(pieces: readonly Piece[]): Piece | Uint8Array<ArrayBuffer> {
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1) return first;
  let size = 0;
  for (const piece of pieces) size += piece.length;
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
