/** How much room is left where accounts, usage and logs are written. */
import { statfs } from 'node:fs/promises';

/** Bytes that this process may still write, and those of the whole file system. */
export interface DiskRoom {
  free: number;
  size: number;
}

/** Milliseconds for which a look holds. */
const fresh = 30_000;
/** With less than this, in bytes or as a share, a busy gateway fills it within a day. */
const fewBytes = 256 * 1024 * 1024;
const smallShare = 0.01;

/** The result takes `now`, in ms since the epoch; undefined where the system does not report it. */
export function keptDiskRoom(directory: () => string): (now: number) => Promise<DiskRoom | undefined> {
  let looked = Number.NEGATIVE_INFINITY;
  let room: Promise<DiskRoom | undefined> = Promise.resolve(undefined);
  return (now) => {
    if (now - looked >= fresh) {
      looked = now;
      room = roomOf(directory());
    }
    return room;
  };
}

async function roomOf(directory: string): Promise<DiskRoom | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(directory);
    return blocks > 0 ? { free: bavail * bsize, size: blocks * bsize } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether somebody should make room. */
export function isNearlyFull({ free, size }: DiskRoom): boolean {
  return free < Math.min(fewBytes, size / 4) || free < size * smallShare;
}
