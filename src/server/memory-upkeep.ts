/**
 * Gives back the memory of large requests. The engine's collector is paced by the heap as a whole: after a few prompts of a
 * megabyte, with the trees and texts that a translation makes of them, it waits for twice as much; and when requests cease it
 * does nothing at all.
 */

export interface MemoryUpkeep {
  /** A request body of so many bytes has come. */
  took(bytes: number): void;
  /** A long body or answer of so many bytes has been translated: its trees and texts are no longer used. */
  translated(bytes: number): void;
  /** A step of that is over, which has left much behind, and another comes. */
  between(bytes: number): void;
  close(): void;
}

export interface UpkeepDeps {
  /** Collects all that is no longer used; halts everything for some ten milliseconds. */
  collect: () => void;
  /** Gives back, beside that, compiled code and what of the program is not used at rest: both come again with the next requests. */
  shrink: () => void;
  /** Resident bytes of the process. */
  resident: () => number;
  /** Requests that run. */
  running: () => number;
  /** Calls it again and again; gives a function that ends that. */
  every: (milliseconds: number, run: () => void) => () => void;
}

/** Bodies that count, and how much of them in all is worth a look. */
const large = 128 * 1024;
const enough = 8 * 1024 * 1024;
/** Milliseconds between two looks while nothing runs. */
const lookEvery = 5000;
/** Looks while idle, one after the other, after which even the compiled code is given back. */
const idleLooksBeforeShrinking = 6;
/** Bytes by which the process has grown since the last collection where another one is worth it: at work, and at rest. */
const grownAtWork = 32 * 1024 * 1024;
const grownWhenIdle = 4 * 1024 * 1024;
/**
 * The same behind translations, whose garbage is several times what they translate: right behind one there is the least to look
 * through. Looking more often costs more time than it saves memory.
 */
const enoughTranslated = 4 * 1024 * 1024;
const grownByTranslations = 12 * 1024 * 1024;
/** Bytes of a body after each step of which that holds; of shorter ones only very many values leave as much as this. */
const longSteps = 2 * 1024 * 1024;
const grownByStep = 24 * 1024 * 1024;

export function memoryUpkeep({ collect, shrink, resident, running, every }: UpkeepDeps): MemoryUpkeep {
  let taken = 0;
  let translated = 0;
  let last = 0;
  /** What has become of large bodies since the last collection: some are being taken, or have been. */
  let bodies: 'none' | 'coming' | 'there' = 'none';
  /** Looks since something has happened; undefined where it has shrunk since then. */
  let idleLooks: number | undefined;
  /** Whether a request has come since the last look. */
  let asked = false;
  let settled = resident();

  function collectAt(grown: number, now: number): void {
    if (now < settled + grown) return;
    collect();
    bodies = 'none';
    settled = resident();
  }

  const end = every(lookEvery, () => {
    const now = resident();
    // Between two requests of a busy time it would only be in the way.
    if (running() === 0 && Math.abs(now - last) < grownWhenIdle) {
      collectAt(grownWhenIdle, now);
      if (asked) idleLooks = 0;
      else if (idleLooks !== undefined) idleLooks += 1;
      if (idleLooks === idleLooksBeforeShrinking) {
        idleLooks = undefined;
        shrink();
        settled = resident();
      }
    } else {
      idleLooks = 0;
      // Their answers may stream for minutes yet.
      if (bodies === 'there') collectAt(grownWhenIdle, now);
    }
    if (bodies === 'coming') bodies = 'there';
    asked = false;
    last = now;
  });
  function translatedSome(bytes: number): void {
    translated += bytes;
    if (translated < enoughTranslated) return;
    translated = 0;
    collectAt(grownByTranslations, resident());
  }

  return {
    took(bytes) {
      asked = true;
      if (bytes < large) return;
      bodies = 'coming';
      taken += bytes;
      if (taken < enough) return;
      taken = 0;
      collectAt(grownAtWork, resident());
    },
    translated: translatedSome,
    between(bytes) {
      if (bytes >= longSteps) translatedSome(bytes);
      else collectAt(grownByStep, resident());
    },
    close: end,
  };
}
