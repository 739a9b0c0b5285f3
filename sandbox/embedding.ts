/** Vectors for the embedding endpoints: the same text always has the same one. */

/** Short, since nothing is searched with them; requests may ask for any other number of dimensions. */
const defaultDimensions = 64;

/** A unit vector made from the text's hash. */
export function embeddingOf(text: string, dimensions = defaultDimensions): number[] {
  const values = Array.from({ length: dimensions }, (_, i) => {
    const hash = Bun.hash(text, BigInt(i));
    return Number(BigInt.asUintN(32, BigInt(hash))) / 2 ** 31 - 1;
  });
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

/** The vector as OpenAI's `encoding_format: base64` writes it: 32-bit floats, little-endian. */
export function base64OfVector(vector: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(vector.length * 4));
  for (const [i, value] of vector.entries()) view.setFloat32(i * 4, value, true);
  return Buffer.from(view.buffer).toString('base64');
}
