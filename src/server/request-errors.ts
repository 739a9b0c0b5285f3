/** The errors of requests that are refused before their contents are read. */
import { isUtf8 } from 'node:buffer';
import { invalid } from '../gateway/error-answer.ts';
import { bodyYielding, noObject } from '../gateway/json-body.ts';
import { shortened } from '../ground/shortened.ts';
import { InvalidRequest } from '../protocols/invalid-request.ts';
import { badRequest, type ProtocolError } from '../protocols/protocol-error.ts';
import type { NotAdmitted } from './client-auth.ts';

/** 404: no address of the gateway. */
export function notFound(method: string, path: string): ProtocolError {
  return {
    status: 404,
    kind: 'not-found',
    message: `There is no ${shortened(method)} ${shortened(path)} here. GET / lists what there is.`,
    code: 'unknown_url',
  };
}

/** 405: RFC 9110 §15.5.6. */
export function wrongMethod(method: string, wanted: string, path: string): ProtocolError {
  return {
    status: 405,
    kind: 'invalid-request',
    message: `${shortened(path)} takes ${wanted}, not ${shortened(method)}.`,
  };
}

/** 401: without a key of the configuration, or with one that does not open. */
export function notAdmitted(reason: NotAdmitted): ProtocolError {
  return { status: 401, kind: 'authentication', message: keySentences[reason], code: keyCodes[reason] };
}

const keySentences: Record<NotAdmitted, string> = {
  missing:
    'No API key. Send one of the api-keys of the configuration as "Authorization: Bearer <key>" or "x-api-key: <key>".',
  wrong: 'This API key is not one of the api-keys of the configuration.',
  disabled: 'This API key is disabled. The operator of this gateway can enable it.',
  expired: 'This API key has expired. The operator of this gateway can extend it or issue another.',
  rotated: 'This API key was replaced by another one, and its time is over. Use the new key.',
};

/** OpenAI's code for keys that do not open is what clients know; the others are more specific. */
const keyCodes: Record<NotAdmitted, string> = {
  missing: 'invalid_api_key',
  wrong: 'invalid_api_key',
  disabled: 'api_key_disabled',
  expired: 'api_key_expired',
  rotated: 'api_key_expired',
};

/** 426 and what to upgrade to: RFC 9110 §15.5.22. */
export const noUpgrade: ProtocolError = {
  status: 426,
  kind: 'invalid-request',
  message: 'GET at this address is for WebSockets; ask by POST, or connect with a WebSocket client.',
};

/** A question about usage with a time that is none. */
export function badSpan(param: 'since' | 'until'): ProtocolError {
  return badRequest(
    `${param}: expected a time such as 2026-11-29, 2026-11-29T12:00:00Z, today or 24h; since comes before until.`,
    { param },
  );
}

/** A call that names no model. */
export const noModel: ProtocolError = badRequest(
  'model: expected the name of a model. GET /v1/models lists what there is.',
  { param: 'model' },
);

/** A call with `lookalike` beside `model`. */
export function twoModels(lookalike: string): ProtocolError {
  return badRequest(
    `${lookalike}: there is "model" beside it, and some services take either for the model. Send "model" alone.`,
    { param: lookalike },
  );
}

/** A call with a duplicate member. */
export function duplicateMember(name: string): ProtocolError {
  const shown = name.slice(0, longestShownName);
  return badRequest(
    `${shown}: the field is sent twice, and services differ in which of the two they use. Send it once.`,
    { param: shown },
  );
}

/** Characters of a name that a message shows. */
const longestShownName = 80;

/** A body in another encoding, or cut inside of a character: a model would read other words than were written. */
export const notUtf8: ProtocolError = badRequest(
  'The request body is not valid UTF-8: it was cut inside of a character, or is in another encoding.',
);

export const bodyBrokeOff: ProtocolError = badRequest('The request body broke off.');

export const tooManyParts: ProtocolError = badRequest('The form has more than 4096 parts.');

export const notForm: ProtocolError = badRequest(
  'The request body is not the multipart/form-data that its content-type announces, or could be read in several ways.',
);

/** A request whose lists and objects are nested for more than so many levels. */
export function nestedTooDeep(levels: number): ProtocolError {
  return badRequest(`The request is nested deeper than ${levels} levels (bounds.nesting).`);
}

/** What is wrong with a body that the envelope scan gave up on. */
export async function notJsonObject(body: Uint8Array): Promise<ProtocolError> {
  if (!isUtf8(body)) return notUtf8;
  try {
    await bodyYielding(body);
    return badRequest(noObject);
  } catch (error) {
    if (error instanceof InvalidRequest) return invalid(error);
    throw error;
  }
}
