/** What this process has open, as the system counts it: proc(5) is Linux's, and elsewhere nothing is known. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Undefined where the system does not say. */
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

/** CLOSE_WAIT, in hexadecimal; source: include/net/tcp_states.h of Linux. */
const closeWait = '08';

/** Sockets whose other side has closed and this process has not: few at any moment, unless they are forgotten. */
export function halfClosedSockets(): number | undefined {
  try {
    const inodes = new Set<string>();
    for (const table of ['tcp', 'tcp6'])
      for (const line of readFileSync(`/proc/self/net/${table}`, 'utf8').split('\n')) {
        const [, , , state, , , , , , inode = ''] = line.trim().split(/\s+/);
        if (state === closeWait) inodes.add(inode);
      }
    if (inodes.size === 0) return 0;
    return readdirSync('/proc/self/fd').filter((descriptor) => {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/self/fd/${descriptor}`))?.[1];
      return inode !== undefined && inodes.has(inode);
    }).length;
  } catch {
    return undefined;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // Closed since it was listed.
  }
}
