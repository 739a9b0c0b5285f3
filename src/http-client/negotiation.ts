/** The negotiation with a proxy until it forwards the bytes of a connection. */

/** What comes of a piece that the proxy has sent: bytes to answer with, or the way is open; `rest` is of the server already. */
export type Step = { kind: 'say'; bytes: Uint8Array } | { kind: 'open'; rest: Uint8Array } | { kind: 'wait' };

export interface Negotiation {
  hello: Uint8Array;
  /** Throws a ProxyError when the proxy refuses. */
  take(bytes: Uint8Array): Step;
}

export const wait: Step = { kind: 'wait' };
