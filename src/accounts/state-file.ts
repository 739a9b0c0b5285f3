/** A file in the `auth-dir` that keeps over a restart what a run has found out: written at most once in a while, and at the end. */

import { lstat, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readBoundedFile } from '../ground/bounded-file.ts';
import { systemClock } from '../ground/clock.ts';
import { errorCode } from '../ground/error-code.ts';
import { reasonOf } from '../ground/reason.ts';
import { makePrivateDirectory, writeAtomically } from './atomic-write.ts';

export interface StateFile<Content> {
  /** What an earlier run has kept; undefined where there is no file. One that cannot be read is reported and left. */
  load(): Promise<Content | undefined>;
  /** Something has changed: it is written within the delay. */
  changed(): void;
  /** Writes what has changed, now. */
  close(): Promise<void>;
}

export interface StateFileOptions<Content> {
  path: string;
  /** What is kept, for sentences: `The cooldowns`. */
  subject: string;
  /** Undefined for what is in no format that this version knows: that is left alone, as a later version may have written it. */
  parse: (text: string) => Content | undefined;
  /** The content now; undefined when there is nothing to keep, and then there is no file. */
  text: () => string | undefined;
  /** A sentence about a file that cannot be read or written. */
  onProblem: (sentence: string) => void;
  /** Milliseconds between two writes at least; a second by default. */
  delay?: number | undefined;
}

export function createStateFile<Content>(options: StateFileOptions<Content>): StateFile<Content> {
  const { path, subject, parse, text, onProblem, delay = 1000 } = options;
  let callOff: (() => void) | undefined;
  let writing: Promise<void> = Promise.resolve();
  let reported: string | undefined;
  let foreign = false;

  async function write(): Promise<void> {
    const content = text();
    try {
      if (content === undefined) await rm(path, { force: true });
      else {
        await makePrivateDirectory(dirname(path));
        await writeAtomically(path, content, { links: 'replace' });
      }
      reported = undefined;
    } catch (error) {
      const sentence = `${subject} could not be written to ${path}: ${reasonOf(error)}`;
      // A full disk stays full: once is enough.
      if (sentence !== reported) onProblem(sentence);
      reported = sentence;
    }
  }

  function flush(): Promise<void> {
    callOff?.();
    callOff = undefined;
    writing = writing.then(write);
    return writing;
  }

  return {
    async load() {
      let found: string;
      try {
        // A link may lead out of the directory.
        const read = await readBoundedFile(path, Number.POSITIVE_INFINITY, lstat);
        if (read.kind !== 'read') {
          onProblem(
            `${subject} of an earlier run were not read: ${path} is not a file. One is put in its place.`,
          );
          return undefined;
        }
        found = read.bytes.toString();
      } catch (error) {
        if (errorCode(error) !== 'ENOENT')
          onProblem(`${subject} could not be read from ${path}: ${String(error)}`);
        return undefined;
      }
      const content = parse(found);
      foreign = content === undefined;
      if (foreign)
        onProblem(
          `${subject} of an earlier run, ${path}, are not in a format that this version supports: the file is not changed, and nothing is stored for the next restart until it is removed.`,
        );
      return content;
    },
    changed() {
      if (!foreign) callOff ??= systemClock.after(delay, () => void flush());
    },
    async close() {
      await (callOff === undefined ? writing : flush());
    },
  };
}
