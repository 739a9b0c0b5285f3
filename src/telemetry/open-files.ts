/** What this process has open, as the system counts it: proc(5) is Linux's, and elsewhere nothing is known. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Undefined where the system does not report it. */
export function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}

/** How many may be open at most. */
export function mostFiles(): number | undefined {
  try {
    const most = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return most === undefined ? undefined : Number(most);
  } catch {
    return undefined;
  }
}

/** States of sockets, in hexadecimal; source: include/net/tcp_states.h of Linux. */
const closeWait = '08';
const listen = '0A';

/** Sockets whose other side has closed and this process has not: few at any moment, unless they are forgotten. */
export function halfClosedSockets(): number | undefined {
  try {
    return socketsOf((_address, state) => state === closeWait).length;
  } catch {
    return undefined;
  }
}

/** The file descriptors of this process that listen at the port. Throws where the system does not report them. */
export function listenersAt(port: number): number[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return socketsOf((address, state) => address.endsWith(suffix) && state === listen);
}

/** The file descriptors of its TCP sockets whose own address and state are such ones. */
function socketsOf(isWanted: (address: string, state: string) => boolean): number[] {
  const inodes = new Set<string>();
  for (const table of ['tcp', 'tcp6'])
    for (const line of readFileSync(`/proc/self/net/${table}`, 'utf8').split('\n')) {
      const [, address = '', , state = '', , , , , , inode = ''] = line.trim().split(/\s+/);
      if (isWanted(address, state)) inodes.add(inode);
    }
  if (inodes.size === 0) return [];
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/self/fd/${descriptor}`))?.[1];
    return inode !== undefined && inodes.has(inode) ? [Number(descriptor)] : [];
  });
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // Closed since it was listed.
  }
}
