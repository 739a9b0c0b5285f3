import type { Reply } from './reply.ts';

/** A request that cannot be run, with its answer. */
export class BadInput extends Error {
  readonly reply: Reply;
  constructor(reply: Reply) {
    super('bad input');
    this.reply = reply;
  }
}
