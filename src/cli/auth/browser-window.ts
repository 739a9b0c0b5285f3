/** Opening the person's browser, and what to do where there is none. */
import { userInfo } from 'node:os';

type Environment = Readonly<Record<string, string | undefined>>;

/** What opens a browser, without the address that it gets as its last argument. */
export type BrowserCommand = readonly [string, ...string[]];

const windowsOpener = 'url.dll,FileProtocolHandler';

/** What Linux desktops may have: what asks the desktop for the browser of its choice, then browsers by their names. */
const linuxOpeners: readonly BrowserCommand[] = [
  ['xdg-open'],
  ['gio', 'open'],
  ['sensible-browser'],
  ['x-www-browser'],
  ['firefox'],
  ['chromium'],
  ['chromium-browser'],
  ['google-chrome'],
];

/**
 * What may show an address to the person, the best first. `BROWSER` wins, as for other programs (editors that work on another
 * computer set it); over SSH, or on Linux without a display, a browser would not be visible, and none is opened.
 */
export function browserCommands(env: Environment, platform: NodeJS.Platform): readonly BrowserCommand[] {
  const display = Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
  const remote = Boolean(env.SSH_CONNECTION || env.SSH_TTY) && !display;
  const own: readonly BrowserCommand[] = env.BROWSER ? [[env.BROWSER]] : [];
  return remote ? own : [...own, ...systemOpeners(env, platform, display)];
}

function systemOpeners(
  env: Environment,
  platform: NodeJS.Platform,
  display: boolean,
): readonly BrowserCommand[] {
  if (platform === 'darwin') return [['open']];
  if (platform === 'win32') return [['rundll32', windowsOpener]];
  // Under Windows' own Linux the browser is that of Windows.
  const windows: readonly BrowserCommand[] = env.WSL_DISTRO_NAME
    ? [['wslview'], ['rundll32.exe', windowsOpener]]
    : [];
  return display ? [...windows, ...linuxOpeners] : windows;
}

/** Shows the address with the first of the commands that is there; false where none is. What it does then is its own affair. */
export function openBrowser(commands: readonly BrowserCommand[], address: string): boolean {
  return commands.some((command) => run([...command, address]));
}

function run(command: string[]): boolean {
  try {
    // Not waited for: some browsers stay in the foreground until they are closed.
    Bun.spawn(command, { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' }).unref();
    return true;
  } catch {
    return false; // It is not there.
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
