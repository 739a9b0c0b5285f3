/** Bodies of upstream requests that are not retained while the answer is pending. */

export type UpstreamBody = Uint8Array<ArrayBuffer> | string;

/** Gives the body that is there the first time, and from then on another one that is made as it was. */
export function bodyMaker(made: UpstreamBody, again: () => UpstreamBody): () => UpstreamBody {
  let first: UpstreamBody | undefined = made;
  return () => {
    const body = first ?? again();
    first = undefined;
    return body;
  };
}
