/** Where the control socket of a running gateway is, so that commands find it. */
import { join } from 'node:path';

/** `sun_path` of unix(7) holds 108 bytes with its end; macOS has 104. */
const longestPath = 103;

/** The socket's path in an `auth-dir`; undefined where that is too long a path, or on Windows. */
export function controlSocketPath(directory: string): string | undefined {
  const path = join(directory, '.gateway.sock');
  return process.platform === 'win32' || Buffer.byteLength(path) > longestPath ? undefined : path;
}
