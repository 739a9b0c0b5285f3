import type { Reply } from './reply.ts';

/** A request that cannot be run as it is, with the answer that says why. */
export class BadInput extends Error {
  readonly reply: Reply;
  constructor(reply: Reply) {
    super('bad input');
    this.reply = reply;
  }
}
