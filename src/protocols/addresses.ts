/** The addresses at which clients speak a protocol. */
import type { Operation } from './operation.ts';

export interface Addresses {
  /** What each asks for: by `POST`, with the model in the body. */
  readonly calls: Readonly<Record<string, Operation>>;
  /** The methods of a model, `models/{model}:{method}`, where model and streaming stand in the address. */
  readonly methods?: Readonly<Record<string, ModelMethod>>;
  /** A header that clients of this protocol alone send, and how they know each other at an address that several share. */
  readonly header?: string;
  /** Whether the address is this protocol's alone, so that whoever looks there expects its errors, whatever the headers say. */
  speaks(path: string): boolean;
}

export interface ModelMethod {
  operation: Operation;
  stream: boolean;
}
