/** The way to a file over all links in its path: where a change makes the file another one, or another content. */
import { readlink, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, parse, sep } from 'node:path';

/** A directory that holds the file, or a link in its place. */
export interface Place {
  /** Its path, without links. */
  directory: string;
  /** What lies in it on the way to the file, as {@link comparable} writes names. */
  names: Set<string>;
}

/** Links followed on one way; Linux follows as many (path_resolution(7)). */
const mostLinks = 40;

/**
 * The places on the way to the files, by device and inode of the directory: one that was replaced under the same name is
 * another one. Directories that are not there are left out. `files` are absolute paths.
 */
export async function symlinkChain(...files: string[]): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  const steps = (await Promise.all(files.map(stepsTo))).flat();
  for (const directory of new Set(steps.filter(({ last }) => last).map((step) => step.directory))) {
    const { dev, ino } = (await stat(directory).catch(() => undefined)) ?? {};
    if (ino === undefined) continue;
    const names = steps.filter((step) => step.directory === directory).map(({ name }) => comparable(name));
    const place = places.get(`${dev}:${ino}`) ?? { directory, names: new Set() };
    for (const name of names) place.names.add(name);
    places.set(`${dev}:${ino}`, place);
  }
  return places;
}

/** Whether an event in the place may be about the file. An event without a name may, as may one of the directory itself. */
export function concerns({ directory, names }: Place, name: string | null): boolean {
  if (name === null || name === basename(directory)) return true;
  return names.has(comparable(name));
}

/** Some file systems write names in another case, or with accents composed in another way, than who asks for them. */
function comparable(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

interface Step {
  /** Without links. */
  directory: string;
  /** A file, a link or a directory in it. */
  name: string;
  /** True where the path ends: at the file itself or at a link to it, not at a directory that is passed through. */
  last: boolean;
}

/** What is passed on the way, one step a name, as a system resolves a path. */
async function stepsTo(file: string): Promise<Step[]> {
  const steps: Step[] = [];
  let at = parse(file).root;
  let links = 0;
  /** The next name is at the end. */
  const ahead = namesOf(file).toReversed();
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    if (name === '..') {
      at = dirname(at);
      continue;
    }
    steps.push({ directory: at, name, last: ahead.length === 0 });
    const path = join(at, name);
    const target = await readlink(path).catch(() => undefined);
    if (target === undefined) {
      at = path;
      continue;
    }
    links += 1;
    if (links > mostLinks) break;
    if (isAbsolute(target)) at = parse(target).root;
    ahead.push(...namesOf(target).toReversed());
  }
  return steps;
}

function namesOf(path: string): string[] {
  const { root } = parse(path);
  return path
    .slice(root.length)
    .split(sep)
    .filter((name) => name !== '' && name !== '.');
}
