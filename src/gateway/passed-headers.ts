/** The headers of a provider's answer that go on to the client with `passthrough-headers`. */

/** Source: RFC 9110 §7.6.1 (hop by hop), RFC 6265 (cookies), RFC 9110 §11 (authentication); and what is about the connection to the provider. */
const never: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'set-cookie',
  'set-cookie2',
  'cookie',
  'authorization',
  'www-authenticate',
  'authentication-info',
  'authentication-control',
  // Of the body as it came; the client's may be another.
  'content-length',
  'content-encoding',
  'content-type',
  'content-md5',
  'content-range',
  'accept-ranges',
  'etag',
  'last-modified',
  'digest',
  'content-digest',
  'repr-digest',
  // Of the provider's own address.
  'alt-svc',
  'strict-transport-security',
  'public-key-pins',
  'content-security-policy',
  'content-security-policy-report-only',
  'clear-site-data',
  'nel',
  'report-to',
  'reporting-endpoints',
  'location',
  'refresh',
  'link',
  'date',
  'server',
  'vary',
  'x-request-id',
  'x-translation-loss',
  'x-token-count',
]);

/** Beginnings of names: CORS is this gateway's own, and so are proxies; others are of gateways in between. */
const neverBegin = /^(access-control-|proxy-|sec-|:|x-litellm-|helicone-|x-portkey-|cf-aig-|x-kong-|x-bt-)/;

/** At most so many headers, and characters of all together. */
const mostHeaders = 64;
const mostCharacters = 16_384;

/** Those that may go on; names in lower case. */
export function passedHeaders(headers: Headers): Record<string, string> {
  const named = new Set(
    (headers.get('connection') ?? '').split(',').map((name) => name.trim().toLowerCase()),
  );
  const passed: Record<string, string> = {};
  let count = 0;
  let characters = 0;
  for (const [name, value] of headers) {
    if (never.has(name) || named.has(name) || neverBegin.test(name)) continue;
    if (!/^[\x20-\x7e]*$/.test(value)) continue;
    count += 1;
    characters += name.length + value.length;
    if (count > mostHeaders || characters > mostCharacters) break;
    passed[name] = value;
  }
  return passed;
}
