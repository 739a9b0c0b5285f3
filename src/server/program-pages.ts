/**
 * Gives back the pages of the program's own file: its code and its constants. What a start and a busy time have touched of them
 * stays resident as long as the process lives; at rest nearly none of it is used. The file keeps it: what is used again comes
 * back with the next use, some microseconds later.
 */
import { dlopen, FFIType } from 'bun:ffi';
import { readFileSync, readlinkSync } from 'node:fs';

/** Linux: `MADV_DONTNEED` of madvise(2). Unwritten pages lose nothing by it. */
const dontNeed = 4;

/** The C library's names: glibc's, and musl's by architecture. */
const libraries = ['libc.so.6', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1'];

/** Does nothing where the system is another than Linux, or does not let it. */
export function releaseProgramPages(): void {
  if (process.platform !== 'linux') return;
  for (const library of libraries) {
    try {
      const { symbols, close } = dlopen(library, {
        madvise: { args: [FFIType.u64, FFIType.u64, FFIType.i32], returns: FFIType.i32 },
      });
      const program = readlinkSync('/proc/self/exe');
      for (const { start, end } of unwritten(program, readFileSync('/proc/self/maps', 'latin1')))
        symbols.madvise(start, end - start, dontNeed);
      close();
      return;
    } catch {
      // Not this library, or no such system.
    }
  }
}

/**
 * Where code and constants of a program lie, by the system's list of a process's mappings (proc(5), `/proc/pid/maps`). What is
 * read-only further behind has been written by the loader before.
 */
export function unwritten(program: string, maps: string): { start: number; end: number }[] {
  return maps.split('\n').flatMap((line) => {
    const found = /^([0-9a-f]+)-([0-9a-f]+) (?:r-xp [0-9a-f]+|r--p 0+) \S+ \d+ +(.*)$/.exec(line);
    if (found === null || found[3] !== program) return [];
    return [{ start: Number(`0x${found[1]}`), end: Number(`0x${found[2]}`) }];
  });
}
