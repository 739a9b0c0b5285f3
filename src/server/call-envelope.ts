/** The envelope of a call in its body, read before anything is translated: the model, and whether the answer streams. */
import { isUtf8 } from 'node:buffer';
import { type Bounds, shippedBounds } from '../config/bounds.ts';
import {
  type Envelope,
  type ObjectForm,
  scanEnvelope,
  scanObject,
  withoutByteOrderMark,
} from '../gateway/body-scan.ts';
import { scanForm } from '../gateway/form-scan.ts';
import { isForm } from '../protocols/form-fields.ts';
import type { Protocol } from '../protocols/model.ts';
import type { ProtocolError } from '../protocols/protocol-error.ts';
import { codecs } from '../protocols/registry.ts';
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
  return formRefusal(form, body, levels) ?? duplicateIn(form);
}

/** That of a JSON body, or, where `forms` are taken, of one. */
export function readEnvelope(
  body: Uint8Array,
  headers: Headers,
  { levels, longestModelName, forms }: { levels: number; longestModelName: number; forms: boolean },
): CallEnvelope | Refused {
  const scanned = scanEnvelope(body, levels);
  // Forms hold files, of any bytes.
  const misformed = scanned && formRefusal(scanned, body, levels);
  if (misformed !== undefined) return refused(misformed);
  // Looking at a header costs a microsecond, and nearly all bodies are JSON.
  const type = scanned === undefined && forms ? headers.get('content-type') : null;
  const form = isForm(type, body) ? type : null;
  const envelope = form === null ? scanned : scanForm(form, body);
  if (envelope === 'too-many-parts') return refused(tooManyParts);
  if (envelope === undefined) return refused(form === null ? notJsonObject(body) : notForm);
  const { model, modelSpan, stream, streamOptions, lookalike } = envelope;
  if (model === undefined || model === '') return refused(noModel);
  const duplicate = duplicateIn(envelope);
  if (duplicate !== undefined) return refused(duplicate, model);
  if (lookalike !== undefined) return refused(twoModels(lookalike));
  const unusable = unusableModelName(model, longestModelName);
  if (unusable !== undefined) return refused(unusable, model);
  return { ok: true, model, modelSpan, stream, streamOptions };
}

/**
 * The refusal of a body by these rules, for translation without a gateway. Undefined for a body that is accepted, and for one that
 * is not a JSON object, which its parser reports.
 */
export function bodyRefusal(
  bytes: Uint8Array<ArrayBuffer>,
  protocol: Protocol,
  { nesting, 'model-name': longestName }: Bounds = shippedBounds,
): ProtocolError | undefined {
  const body = withoutByteOrderMark(bytes);
  // Where the address has the model, a "model" of the body is a member like any other.
  const isInAddress = codecs[protocol].addresses.methods !== undefined;
  const envelope = isInAddress ? undefined : scanEnvelope(body, nesting);
  const form = isInAddress ? scanObject(body, nesting) : envelope;
  const refusal = formRefusal(form, body, nesting) ?? duplicateIn(form);
  if (refusal !== undefined || envelope === undefined) return refusal;
  if (envelope.lookalike !== undefined) return twoModels(envelope.lookalike);
  return envelope.model === undefined ? undefined : unusableModelName(envelope.model, longestName);
}

function formRefusal(
  form: ObjectForm | undefined,
  body: Uint8Array,
  levels: number,
): ProtocolError | undefined {
  if (form?.tooDeep === true) return nestedTooDeep(levels);
  return isUtf8(body) ? undefined : notUtf8;
}

function duplicateIn(form: ObjectForm | undefined): ProtocolError | undefined {
  return form?.doubled === undefined ? undefined : duplicateMember(form.doubled);
}

function refused(error: Refused['error'], model = ''): Refused {
  return { ok: false, error, model };
}
