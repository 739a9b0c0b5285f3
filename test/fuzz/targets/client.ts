/** The client that answers are written for. */
import type { EncodeContext } from '../../../src/protocols/codec.ts';
import { answeredRequest } from '../../model-arbitraries.ts';

export const encodeContext: EncodeContext = {
  request: answeredRequest,
  model: 'model',
  unixSeconds: () => 1_750_000_000,
  newId: (prefix) => `${prefix}_1`,
};
