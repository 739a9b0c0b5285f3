/** The gateway's address as a person gives it with `--url`: it ends up in other programs' settings, which open it. */
import { Failure } from '../failure.ts';

/**
 * The address without a slash at the end. Throws a {@link Failure} of usage for what is no address of a web server; it does not
 * repeat the value, which may hold a password.
 */
export function givenUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text.trim());
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new Failure(
      'usage',
      '--url must be an address that begins with http:// or https://, such as http://127.0.0.1:8317',
    );
  if (url.username !== '' || url.password !== '')
    throw new Failure(
      'usage',
      '--url must be without a name and a password: clients send neither to the gateway',
    );
  // Clients write their own path behind it.
  if (url.search !== '' || url.hash !== '' || /[?#]$/.test(text.trim()))
    throw new Failure('usage', '--url must end with the host, the port or a path, not with "?" or "#"');
  return url.href.replace(/\/+$/, '');
}
