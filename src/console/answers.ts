/** What the console's server answers: JSON, errors as one sentence, and the headers that keep other sites out. */

/** On every answer below `/console`. */
const guarded: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/** The answer with those headers. */
export function guardedAnswer(response: Response): Response {
  for (const [name, value] of Object.entries(guarded)) response.headers.set(name, value);
  return response;
}

/** JSON that no cache keeps. */
export function data(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  });
}

/** `error` is a sentence that a person can act on, `code` a word for the page. */
export function problem(status: number, code: string, error: string): Response {
  return data({ error, code }, status);
}
