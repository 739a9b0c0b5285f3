/** Why the gateway would refuse a body before anything is translated: for who translates without a gateway. */
import { isUtf8 } from 'node:buffer';
import { type Bounds, shippedBounds } from '../config/bounds.ts';
import { scanEnvelope, scanObject, withoutByteOrderMark } from '../gateway/body-scan.ts';
import type { Protocol } from '../protocols/model.ts';
import type { ProtocolError } from '../protocols/protocol-error.ts';
import { codecs } from '../protocols/registry.ts';
import { unusableModelName } from './model-name.ts';
import { duplicateMember, nestedTooDeep, notUtf8, twoModels } from './request-errors.ts';

/** What {@link createHandler} says of it; undefined for a body that is taken, and for what is no JSON object, which says who reads it. */
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
  if (form?.tooDeep === true) return nestedTooDeep(nesting);
  if (!isUtf8(body)) return notUtf8;
  if (form?.doubled !== undefined) return duplicateMember(form.doubled);
  if (envelope?.lookalike !== undefined) return twoModels(envelope.lookalike);
  return envelope?.model === undefined ? undefined : unusableModelName(envelope.model, longestName);
}
