/** Which characters HTTP headers may contain. */

/** A name is a token: RFC 9110 §5.1 and §5.6.2. */
export const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Characters that a value may not contain: all but visible ones, spaces, tabs and the Latin-1 range beyond ASCII (RFC 9110 §5.5). */
export const noHeaderText = /[^\t\x20-\x7e\x80-\xff]/u;

export function isHeaderName(text: string): boolean {
  return headerName.test(text);
}

export function isHeaderValue(text: string): boolean {
  return !noHeaderText.test(text);
}
