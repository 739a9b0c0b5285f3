/** The name of a model as a client wrote it, before anybody looks for it. */
import { badRequest, type ProtocolError } from '../protocols/protocol-error.ts';

/** The most of a name that an error contains. */
const shownLength = 64;

/**
 * Why a name is refused before it is looked up, remembered or logged; undefined for a usable one. `limit` in bytes of UTF-8 is
 * the bound `model-name`.
 */
export function unusableModelName(name: string, limit: number): ProtocolError | undefined {
  // A UTF-16 unit is one to three bytes of UTF-8: nearly all names are decided without counting.
  if (name.length <= limit && (name.length * 3 <= limit || Buffer.byteLength(name) <= limit))
    return undefined;
  const shown = name.slice(0, shownLength).toWellFormed();
  return badRequest(
    `model: the name "${shown}…" is longer than ${limit} bytes. GET /v1/models lists what there is.`,
    { code: 'model_name_too_long', param: 'model' },
  );
}
