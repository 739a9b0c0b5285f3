/** A request as a line for a terminal. */

export interface SentRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Its answer is shown as it comes. */
  streams: boolean;
}

/** `YOUR_CLIENT_KEY` is the placeholder of the key, which no page has. */
export function curlLine({ url, headers, body, streams }: SentRequest): string {
  const all = {
    authorization: 'Bearer YOUR_CLIENT_KEY',
    'content-type': 'application/json',
    ...headers,
  };
  return [
    `curl ${streams ? '-N ' : ''}${quoted(url)}`,
    ...Object.entries(all).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    // From a file or with "-d", a text that begins with @ would be the name of a file.
    `--data-raw ${quoted(body)}`,
  ].join(' \\\n  ');
}

/** As a POSIX shell reads it: nothing in it means anything. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
