/** A client as a process in this terminal, with a private directory for the time it runs. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { proxyVariables, type Session } from '../../clients/client.ts';
import { homeDirectory } from '../../config/location.ts';

type Environment = Record<string, string | undefined>;

/** Ends this process with the client's exit code, once it has ended. */
export async function startClient(options: {
  path: string;
  env: Environment;
  start(directory: string): Session;
  rest: readonly string[];
}): Promise<void> {
  const { path, env, start, rest } = options;
  const directory = sessionDirectory(env);
  const remove = () => rmSync(directory, { recursive: true, force: true });
  try {
    const session = start(directory);
    for (const [name, text] of Object.entries(session.files ?? {})) {
      mkdirSync(dirname(join(directory, name)), { recursive: true, mode: 0o700 });
      writeFileSync(join(directory, name), text, { mode: 0o600 });
    }
    const child = Bun.spawn([path, ...(session.args ?? []), ...rest], {
      env: sessionEnvironment(env, session),
      stdio: ['inherit', 'inherit', 'inherit'],
    });
    // Ctrl-C reaches both of us, and is for the client to act on; other signals are handed on.
    process.on('SIGINT', () => {});
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void child.kill(signal));
    await child.exited;
    remove();
    // 128 + its number is what shells give for a signal.
    process.exit(
      typeof child.signalCode !== 'string' ? (child.exitCode ?? 1) : 128 + signalNumber(child.signalCode),
    );
  } catch (error) {
    remove();
    throw error;
  }
}

/**
 * A directory for this session alone. Gemini CLI believes settings only below directories that only the user may write to, which
 * /tmp is not: the program's home first, then the system's place for a running session.
 */
function sessionDirectory(env: Environment): string {
  const home = homeDirectory(env);
  const places = [home, env.XDG_RUNTIME_DIR, process.getuid?.() === 0 ? '/run' : undefined];
  const place = places.find((one) => one !== undefined && isOursAlone(one)) ?? home;
  mkdirSync(place, { recursive: true, mode: 0o700 });
  return mkdtempSync(join(place, 'session-'));
}

/** Whether only the user may write to the directory and to those above it. */
function isOursAlone(directory: string): boolean {
  for (let one = directory; ; one = dirname(one)) {
    const mode = statSync(one, { throwIfNoEntry: false })?.mode ?? 0;
    if ((mode & 0o022) !== 0) return false;
    if (dirname(one) === one) return true;
  }
}

/** Ours, what the session sets, and this computer's addresses kept away from proxies. */
function sessionEnvironment(env: Environment, session: Pick<Session, 'env'>): Environment {
  const hasProxy = proxyVariables.some((name) => env[name]);
  const local = [env.NO_PROXY ?? env.no_proxy, '127.0.0.1,localhost,::1'].filter(Boolean).join(',');
  const merged: Environment = {
    ...env,
    ...(hasProxy && { NO_PROXY: local, no_proxy: local }),
    ...session.env,
    CLI_PROXY_API_CALLED_AS: undefined,
  };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
}

function signalNumber(signal: string): number {
  const numbers: Partial<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
  return numbers[signal] ?? 0;
}
