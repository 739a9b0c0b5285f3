/** Opening the person's browser, and what to do where there is none. */
import { userInfo } from 'node:os';

type Environment = Readonly<Record<string, string | undefined>>;

/** How a browser is opened here; undefined where nobody would see it. */
export type BrowserCommand = readonly [string, ...string[]];

/**
 * The command that shows an address to the person, without the address. `BROWSER` wins, as for other programs (editors
 * that work on another computer set it); over SSH, or on Linux without a display, there is none.
 */
export function browserCommand(env: Environment, platform: NodeJS.Platform): BrowserCommand | undefined {
  if (env.BROWSER) return [env.BROWSER];
  const display = Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
  if ((env.SSH_CONNECTION || env.SSH_TTY) && !display) return undefined;
  switch (platform) {
    case 'darwin':
      return ['open'];
    case 'win32':
      return ['rundll32', 'url.dll,FileProtocolHandler'];
    default:
      return display ? ['xdg-open'] : undefined;
  }
}

/** Shows the address. False where the command is not there; what it does afterwards is its own affair. */
export function openBrowser([command, ...options]: BrowserCommand, address: string): boolean {
  try {
    // Not waited for: some browsers stay in the foreground until they are closed.
    Bun.spawn([command, ...options, address], {
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'ignore',
    }).unref();
    return true;
  } catch {
    return false;
  }
}

/**
 * The tunnel through which a browser on the person's own computer, sent to `redirect` there, reaches `listener` here. The
 * addresses are those of the SSH connection (`SSH_CONNECTION`: client, its port, server, its port); undefined outside SSH.
 */
export function tunnelCommand(
  env: Environment,
  { redirect, listener }: { redirect: number; listener: number },
): string | undefined {
  const [, , server, serverPort] = env.SSH_CONNECTION?.split(' ') ?? [];
  if (server === undefined || serverPort === undefined) return undefined;
  const user = env.USER || env.LOGNAME || userInfo().username;
  const sshPort = serverPort === '22' ? '' : ` -p ${serverPort}`;
  return `ssh -N -L ${redirect}:127.0.0.1:${listener} ${user}@${server}${sshPort}`;
}
