/** What a browser brings back from the authorization server: over the listener, or pasted by a person. */

export type Callback =
  | {
      kind: 'code';
      code: string;
      /** Undefined where a person pasted the code alone. */
      state: string | undefined;
    }
  /** RFC 6749 §4.1.2.1. */
  | { kind: 'error'; error: string; description: string | undefined; state: string | undefined };

/** The answer in the parameters of the redirect, or undefined where neither a code nor an error is among them. */
export function callbackFromParameters(parameters: URLSearchParams): Callback | undefined {
  const value = (name: string): string | undefined => parameters.get(name)?.trim() || undefined;
  const state = value('state');
  const error = value('error');
  // An error has the reason; a code beside it would be of no use.
  if (error !== undefined) return { kind: 'error', error, description: value('error_description'), state };
  const code = value('code');
  return code === undefined ? undefined : splitCode(code, state);
}

/**
 * The answer in a line that a person pasted: the whole address that the browser ended at (with or without its scheme), only
 * its query or fragment, `code=…&state=…`, `code#state` as Claude shows it, or the bare code. Undefined for
 * anything else, an address without an answer included.
 */
export function parsePastedCallback(text: string): Callback | undefined {
  // People copy the quotes and brackets around an address too.
  const line = text.trim().replace(/^["'<]+|["'>]+$/g, '');
  for (const parameters of candidates(line)) {
    const callback = callbackFromParameters(parameters);
    if (callback !== undefined) return callback;
  }
  return bareCode.test(line) ? splitCode(line, undefined) : undefined;
}

/** Whether a person pasted a code alone, which has no state beside it: all else that comes back names its sign-in. */
export function isBareCode(text: string): boolean {
  return bareCode.test(text.trim()) && !text.includes('#');
}

/** No `:`, `?`, `&` or `=` within: those belong to an address or a query. Codes have slashes (Google) and dots. */
const bareCode = /^[\w./+~%-]{6,}={0,2}(#[\w./+~%-]+={0,2})?$/;

/** The parts of a line that may hold parameters: its query, its fragment, and the line itself. */
function candidates(line: string): URLSearchParams[] {
  const hash = line.indexOf('#');
  const beforeHash = hash < 0 ? line : line.slice(0, hash);
  const fragment = hash < 0 ? '' : line.slice(hash + 1);
  const query = beforeHash.slice(beforeHash.indexOf('?') + 1);
  const fromQuery = new URLSearchParams(query);
  const fromFragment = new URLSearchParams(fragment);
  // `?code=…#…` where the fragment is the state and no parameter of its own.
  if (fromQuery.has('code') && !fromQuery.has('state') && fragment !== '' && !fragment.includes('='))
    fromQuery.set('state', fragment);
  return [fromQuery, fromFragment];
}

/** Claude shows `code#state` for copying; the tail is the state. */
function splitCode(text: string, state: string | undefined): Callback | undefined {
  const [code, tail] = text.split('#', 2);
  return code ? { kind: 'code', code, state: tail || state } : undefined;
}
