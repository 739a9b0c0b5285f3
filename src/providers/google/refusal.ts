/** Google's refusal in its own words and with its link, for the affected account. */
import { quote } from '../../oauth/failure.ts';
import type { OAuthFailure } from '../../oauth/grant.ts';
import type { Json } from '../../protocols/json.ts';
import { asArray, asObject, asObjects, asString } from '../../protocols/json-members.ts';

/** Google's error model: a message for people, a reason for programs, links. Source: google.aip.dev/193. */
export interface GoogleError {
  message: string | undefined;
  /** `VALIDATION_REQUIRED`, or the status of the error: `PERMISSION_DENIED`. */
  reason: string | undefined;
  links: readonly string[];
}

/** Google's reason when the account itself must be validated before any project can be used. */
export const validationRequired = 'VALIDATION_REQUIRED';

/** Reads the body of an error, or the `error` of a finished operation. */
export function readGoogleError(body: Json | undefined): GoogleError {
  const reply = asObject(asArray(body)[0]);
  const error = asObject(reply?.error) ?? reply;
  const details = asObjects(error?.details);
  const links = details.flatMap((detail) => [
    ...asObjects(detail.links).map(({ url }) => url),
    ...Object.values(asObject(detail.metadata) ?? {}),
  ]);
  return {
    message: asString(error?.message) ?? asString(reply?.error_description) ?? asString(reply?.error),
    reason:
      details.map(({ reason }) => asString(reason)).find((reason) => reason !== undefined) ??
      asString(error?.status),
    links: [...new Set(links.map(asString).filter(isAddress))],
  };
}

function isAddress(text: string | undefined): text is string {
  return text !== undefined && /^https?:\/\/[\x21-\x7e]+$/.test(text);
}

/** The failure for an error of Google: who, what, Google's words, where to go. `what` ends "Google refuses …". */
export function googleRefusal(
  email: string,
  what: string,
  error: GoogleError,
  status?: number,
): OAuthFailure {
  const words = quote(error.message, []) ?? (status === undefined ? 'no reason given' : `status ${status}`);
  const code = quote(error.reason, []);
  const reason = code === undefined || words.includes(code) ? '' : ` (${code})`;
  const lead =
    error.reason === validationRequired
      ? `Google requires validation of the account ${email}`
      : `Google refuses ${what} for ${email}`;
  const [link] = error.links;
  const where = link === undefined ? '' : `\nOpen ${link} as ${email}, then sign in again.`;
  return { kind: 'refused', message: `${lead}${reason}: ${words}${where}` };
}
