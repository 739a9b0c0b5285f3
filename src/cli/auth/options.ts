/** The options that several `auth` commands share. */
import { parseDuration } from '../../config/quantities.ts';
import { configOption } from '../config-file.ts';
import { Failure } from '../failure.ts';

export const jsonOption = { type: 'boolean', meaning: 'Print one JSON object, without any secret' } as const;

export const proxyOption = {
  type: 'string',
  value: 'URL',
  meaning: 'Proxy for this command, instead of proxy-url in the config; "direct" for none',
} as const;

export { configOption };

/** Milliseconds in the value of an option such as `--timeout 10m`. Throws a {@link Failure} of usage. */
export function parseTimeout(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
  throw new Failure('usage', `--timeout must be a span of time such as 90s or 10m, found "${text}"`);
}

const proxyProtocols = ['http:', 'https:', 'socks5:', 'socks5h:'];

/** The value of `--proxy-url`. Throws a {@link Failure} of usage; it does not repeat the value, which may hold a password. */
export function parseProxy(text: string): string {
  if (text === 'direct') return text;
  if (URL.canParse(text) && proxyProtocols.includes(new URL(text).protocol)) return text;
  throw new Failure(
    'usage',
    '--proxy-url must be "direct" or an address that begins with http://, https://, socks5:// or socks5h://',
  );
}
