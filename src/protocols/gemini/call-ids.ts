/** Ids of function calls. Google leaves them out often; everybody else links calls and results by them. */
import { shortHash } from '../tool-names.ts';

const made = /^gcall_[a-z0-9]+_\d+$/;

/** A stable id for the `position`-th call of the conversation (or answer) that `scope` names. */
export function makeCallId(scope: string, position: number): string {
  return `gcall_${shortHash(`${scope} ${position}`)}_${position}`;
}

/** The id to write: none where {@link makeCallId} made it, since Google then links by name and order. */
export function wireId(id: string): { id?: string } {
  return id.length === 0 || made.test(id) ? {} : { id };
}
