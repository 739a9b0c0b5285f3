/** How calls in an upstream's answer become the client's again. */
import { argumentsToCustomInput, isCustomTool } from '../custom-tool.ts';
import type { Request } from '../model.ts';
import { isNative } from './kept-fields.ts';
import { wireNames } from './request-encode.ts';
import type { CallReading } from './tool-calls.ts';

/**
 * Reads the calls of one answer to `request`: names as the client gave them, calls of its custom tools as such, and an
 * id made of `seed` (what is unique to the answer) where the server gave none.
 */
export function answerCalls(request: Request, seed: () => string): CallReading {
  const names = wireNames(request);
  const translated = !isNative(request);
  let made = 0;
  return {
    open: (id) => ({ id: id !== '' ? id : `call_${seed()}_${made++}` }),
    call(wireName, kind, input) {
      const name = names.fromWire(wireName);
      return translated && kind === 'function' && isCustomTool(request, name)
        ? { name, kind: 'custom', input: argumentsToCustomInput(input) }
        : { name, kind, input };
    },
  };
}
