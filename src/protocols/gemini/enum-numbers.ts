/**
 * Numbers of enums: Google's older REST clients ask with `$alt=json;enum-encoding=int`, and get and send numbers in the
 * place of words. Source: github.com/googleapis/googleapis, google/ai/generativelanguage/v1beta (*.proto).
 */
import { asString, type Json } from '../json.ts';

/** By number. */
const finishReasons = [
  'FINISH_REASON_UNSPECIFIED',
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
  'OTHER',
  'LANGUAGE',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MALFORMED_FUNCTION_CALL',
  'IMAGE_SAFETY',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_OTHER',
  'NO_IMAGE',
  'IMAGE_RECITATION',
];

/** The word of a `finishReason`, which may be a number. */
export function finishWord(value: Json | undefined): string | undefined {
  return typeof value === 'number' ? (finishReasons[value] ?? `${value}`) : asString(value);
}
