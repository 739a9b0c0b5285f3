/** The envelope of a call in its body, read before anything is translated: the model, and whether the answer streams. */
import { isUtf8 } from 'node:buffer';
import { type Envelope, scanEnvelope, scanObject } from '../gateway/body-scan.ts';
import { scanForm } from '../gateway/form-scan.ts';
import { isForm } from '../protocols/form-fields.ts';
import type { ProtocolError } from '../protocols/protocol-error.ts';
import { unusableModelName } from './model-name.ts';
import {
  duplicateMember,
  nestedTooDeep,
  noModel,
  notForm,
  notJsonObject,
  notUtf8,
  tooManyParts,
  twoModels,
} from './request-errors.ts';

export interface CallEnvelope extends Pick<Envelope, 'modelSpan' | 'stream' | 'streamOptions'> {
  ok: true;
  model: string;
}

/** `model`: as far as the body has been read. */
interface Refused {
  ok: false;
  error: ProtocolError | Promise<ProtocolError>;
  model?: string;
}

/** Why a body is refused whose address has the model; undefined for one that is taken. */
export function objectRefusal(
  body: Uint8Array,
  levels: number,
): ProtocolError | Promise<ProtocolError> | undefined {
  const form = scanObject(body, levels);
  if (form === undefined) return notJsonObject(body);
  if (form.tooDeep) return nestedTooDeep(levels);
  if (!isUtf8(body)) return notUtf8;
  return form.doubled === undefined ? undefined : duplicateMember(form.doubled);
}

/** That of a JSON body, or, where `forms` are taken, of one. */
export function readEnvelope(
  body: Uint8Array,
  headers: Headers,
  { levels, longestModelName, forms }: { levels: number; longestModelName: number; forms: boolean },
): CallEnvelope | Refused {
  const scanned = scanEnvelope(body, levels);
  if (scanned?.tooDeep) return refused(nestedTooDeep(levels));
  // Forms hold files, of any bytes.
  if (scanned !== undefined && !isUtf8(body)) return refused(notUtf8);
  // Looking at a header costs a microsecond, and nearly all bodies are JSON.
  const type = scanned === undefined && forms ? headers.get('content-type') : null;
  const form = isForm(type, body) ? type : null;
  const envelope = form === null ? scanned : scanForm(form, body);
  if (envelope === 'too-many-parts') return refused(tooManyParts);
  if (envelope === undefined) return refused(form === null ? notJsonObject(body) : notForm);
  const { model, modelSpan, stream, streamOptions, doubled, lookalike } = envelope;
  if (model === undefined || model === '') return refused(noModel);
  if (doubled !== undefined) return refused(duplicateMember(doubled), model);
  if (lookalike !== undefined) return refused(twoModels(lookalike));
  const unusable = unusableModelName(model, longestModelName);
  if (unusable !== undefined) return refused(unusable, model);
  return { ok: true, model, modelSpan, stream, streamOptions };
}

function refused(error: Refused['error'], model = ''): Refused {
  return { ok: false, error, model };
}
