/** Parameters of a call to an authorization server, from a form or from JSON. */
import { isObject, parseJson } from '../json.ts';
import { asString } from '../json-members.ts';
import type { AccountCall } from './account-deps.ts';
import { services } from './services.ts';
import { tokenRefusal } from './token-reply.ts';

export type Fields = ReadonlyMap<string, string>;

/** What a token endpoint is asked with, in the form that the provider reads; a `Response` refuses another. */
export async function readFields({ request, name }: AccountCall): Promise<Fields | Response> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  const text = await request.text();
  const wanted =
    services[name].tokenBody === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
  if (type !== wanted)
    return tokenRefusal(name, 400, 'invalid_request', `The body must be ${wanted}, not '${type}'.`);
  if (wanted !== 'application/json') {
    const form = new URLSearchParams(text);
    const repeated = [...form.keys()].find((key) => form.getAll(key).length > 1);
    return repeated === undefined
      ? new Map(form)
      : tokenRefusal(name, 400, 'invalid_request', `The parameter ${repeated} stands there twice.`);
  }
  const body = parseJson(text);
  if (!isObject(body)) return tokenRefusal(name, 400, 'invalid_request', 'The body is not a JSON object.');
  const fields = new Map<string, string>();
  for (const [key, value] of Object.entries(body)) if (typeof value === 'string') fields.set(key, value);
  return fields;
}

/** The text fields of a JSON body, for endpoints that take nothing else. */
export async function jsonFields(request: Request): Promise<Fields> {
  const body = parseJson(await request.text());
  const fields = new Map<string, string>();
  if (!isObject(body)) return fields;
  for (const [key, value] of Object.entries(body)) fields.set(key, asString(value) ?? '');
  return fields;
}
