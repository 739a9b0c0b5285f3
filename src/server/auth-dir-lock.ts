/**
 * One gateway an `auth-dir`. The lock is the operating system's, so that it ends with its process, however that dies; a process
 * id would mean nothing between containers. Who finds it taken asks the holder, over the control socket, where it serves and
 * whether it is about to stop.
 */

import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type Lock, lockFile, removeLockFile } from '../accounts/account-lock.ts';
import { makePrivateDirectory } from '../accounts/atomic-write.ts';
import { controlSocketPath } from '../accounts/control-path.ts';
import { systemClock } from '../ground/clock.ts';
import type { GatewayStatus } from '../management/own-answers.ts';
import { parseJson } from '../protocols/json.ts';
import { asNumber, asObject, asString } from '../protocols/json-members.ts';
import type { Log } from '../telemetry/log.ts';
import { AuthDirInUse } from './auth-dir-in-use.ts';

export interface AuthDirLock {
  /** Lets go of the directory. */
  release(): Promise<void>;
}

/** Milliseconds that a holder may be silent: it starts, or has closed its socket and ends. */
const silence = 10_000;
/** Milliseconds between two looks. */
const pause = 50;
/** Milliseconds for an answer over the socket. */
const answerTime = 2000;

/**
 * Takes the directory, which is made where it is not there, and waits for a gateway that is stopping. Where no lock can be had
 * at all, as on a read-only file system, that is logged and nothing is locked. Throws {@link AuthDirInUse}.
 */
export async function lockAuthDir(directory: string, log: Pick<Log, 'info' | 'warn'>): Promise<AuthDirLock> {
  const file = join(directory, 'gateway');
  let deadline = systemClock.now() + silence;
  let stopping = false;
  for (;;) {
    const lock = await tryLock(directory, file);
    const holder = await statusOf(directory);
    // A holder without the lock is of an older version, or could not have one.
    if (lock.ok && holder === undefined) return held(lock, file);
    if (lock.ok) lock.release();
    if (!lock.ok && lock.reason === 'unwritable' && holder === undefined) {
      log.warn(`auth-dir ${directory} cannot be locked against a second gateway: ${String(lock.cause)}`);
      return { release: async () => {} };
    }
    if (holder !== undefined && holder.stopsWithin === null) throw new AuthDirInUse(directory, holder.url);
    if (holder !== undefined && holder.stopsWithin !== null && !stopping) {
      stopping = true;
      deadline = systemClock.now() + holder.stopsWithin + silence;
      log.info(`waiting for the gateway at ${holder.url}, which is stopping, to release ${directory}`);
    }
    if (systemClock.now() >= deadline) throw new AuthDirInUse(directory, holder?.url);
    await systemClock.wait(pause);
  }
}

/** Whether two names are of one directory: another name, as that of a link, is held already. */
export function sameDirectory(one: string, other: string): boolean {
  return one === other || realPath(one) === realPath(other);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

async function tryLock(directory: string, file: string): Promise<Lock> {
  try {
    await makePrivateDirectory(directory);
  } catch (cause) {
    return { ok: false, reason: 'unwritable', cause };
  }
  return lockFile(file, { timeout: 0, now: systemClock.now, wait: systemClock.wait });
}

function held(lock: { release: () => void }, file: string): AuthDirLock {
  return {
    async release() {
      await removeLockFile(file).catch(() => {}); // It does not block others.
      lock.release();
    },
  };
}

/** The answer of the gateway that listens at the directory's control socket; undefined where none does. */
async function statusOf(directory: string): Promise<GatewayStatus | undefined> {
  const unix = controlSocketPath(directory);
  if (unix === undefined || !existsSync(unix)) return undefined;
  try {
    const signal = AbortSignal.timeout(answerTime);
    const response = await fetch('http://gateway/v0/management/gateway', { unix, signal });
    const said = asObject(asObject(parseJson(await response.text()))?.gateway);
    return {
      url: asString(said?.url) ?? 'an unknown address',
      stopsWithin: asNumber(said?.stopsWithin) ?? null,
    };
  } catch {
    // No socket, or one that a gateway left behind.
    return undefined;
  }
}
