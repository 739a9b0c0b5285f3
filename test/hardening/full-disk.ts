/** A file system of a few hundred kilobytes that a test can fill and empty. Linux mounts one for root only. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk extends Disposable {
  path: string;
  /** Leaves no byte, or this many kilobytes. */
  fill(kilobytes?: number): void;
  /** Makes room again. */
  empty(): void;
}

/** Undefined where this computer lets nobody mount. */
export function smallDisk(kilobytes = 256): SmallDisk | undefined {
  const path = mkdtempSync(join(tmpdir(), 'small-disk-'));
  const mounted = Bun.spawnSync([
    'mount',
    '-t',
    'tmpfs',
    '-o',
    `size=${kilobytes}k,mode=0700`,
    'tmpfs',
    path,
  ]);
  if (mounted.exitCode !== 0) {
    rmSync(path, { recursive: true });
    return undefined;
  }
  const filler = join(path, 'filler');
  const empty = () => rmSync(filler, { force: true });
  return {
    path,
    empty,
    fill(left = 0) {
      empty();
      if (left > 0) writeFileSync(join(path, 'spare'), Buffer.alloc(left * 1024));
      // tmpfs takes what fits and refuses the rest.
      for (const size of [kilobytes * 1024, 4096, 1])
        for (let full = false; !full; ) {
          try {
            writeFileSync(filler, Buffer.alloc(size), { flag: 'a' });
          } catch {
            full = true;
          }
        }
      rmSync(join(path, 'spare'), { force: true });
    },
    [Symbol.dispose]() {
      Bun.spawnSync(['umount', '-l', path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
