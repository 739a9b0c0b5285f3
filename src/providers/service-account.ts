/** The key file of a Google Cloud service account: what must be in it, and its key in one form whatever editors made of it. */
import { isSafeAddress } from '../oauth/endpoint.ts';
import { readPrivateKey } from '../oauth/private-key.ts';
import { isObject, parseJsonFile } from '../protocols/json.ts';
import { asString } from '../protocols/json-members.ts';
import type { AccountFacts } from './account-provider.ts';

/** The default address of Vertex AI. */
export const defaultVertexLocation = 'us-central1';

const googleTokenUrl = 'https://oauth2.googleapis.com/token';

/** `problem` is a sentence that names the field and holds nothing of the key. */
export type ServiceAccountFile = { ok: true; facts: AccountFacts } | { ok: false; problem: string };

/**
 * The account in the text of a key file as Google gives it, with its private key as PKCS#8 in PEM. Keys in the older
 * PKCS#1, with CRLF, with `\n` written out, on one line or with colours of a terminal in them are taken too.
 *
 * @param location region of Vertex AI, or `global`; `us-central1` when it is left out.
 */
export function readServiceAccount(
  text: string,
  location: string = defaultVertexLocation,
): ServiceAccountFile {
  const file = parseJsonFile(text);
  if (!isObject(file)) return { ok: false, problem: 'the file is not a JSON object' };
  // It becomes part of a host name.
  if (!/^[a-z]+[a-z0-9-]*$/.test(location))
    return { ok: false, problem: 'the location is not one like us-central1, europe-west4 or global' };
  const type = asString(file.type);
  if (type !== undefined && type !== 'service_account')
    return {
      ok: false,
      problem: `"type" is "${type.slice(0, 40)}", not "service_account"; make a JSON key of a service account`,
    };
  for (const field of ['project_id', 'client_email', 'private_key'] as const)
    if (!asString(file[field])?.trim()) return { ok: false, problem: `"${field}" is missing` };
  const tokenUrl = asString(file.token_uri) ?? googleTokenUrl;
  if (!isSafeAddress(tokenUrl))
    return { ok: false, problem: '"token_uri" is neither an https address nor one of this computer' };
  const key = readPrivateKey(asString(file.private_key) ?? '');
  if (key === undefined)
    return {
      ok: false,
      problem: '"private_key" is not an RSA key in PEM (BEGIN PRIVATE KEY or BEGIN RSA PRIVATE KEY)',
    };
  const email = asString(file.client_email)?.trim();
  const project = asString(file.project_id)?.trim() ?? '';
  return {
    ok: true,
    facts: {
      email,
      projects: [project],
      location,
      serviceAccount: {
        ...file,
        private_key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
        token_uri: tokenUrl,
      },
    },
  };
}
