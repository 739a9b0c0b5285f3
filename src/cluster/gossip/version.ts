/**
 * Versions of what replicas report to each other: later ones are greater, independent of the replicas' clocks, since each is greater
 * than all that its maker has seen. Source: Kulkarni et al., Logical Physical Clocks (2014).
 */

/** Compared as text. The time in ms since the epoch, a number that distinguishes versions of the same ms, and who made it. */
export type Version = string;

export interface VersionClock {
  next(now: number): Version;
  /** Takes in a version of somebody else's. */
  saw(version: Version): void;
}

const timeDigits = 9;
const countDigits = 4;
const mostCount = 36 ** countDigits - 1;
const form = /^([0-9a-z]{9})\.([0-9a-z]{4})\.([\w-]{1,64})$/;

export function isVersion(text: string): boolean {
  return form.test(text);
}

/** The time that a version was made at, as its maker knew it. */
export function timeOf(version: Version): number {
  return Number.parseInt(version.slice(0, timeDigits), 36);
}

export function versionClock(replica: string): VersionClock {
  let latest = 0;
  let count = 0;
  return {
    next(now) {
      const at = Math.max(Math.round(now), latest);
      count = at === latest ? count + 1 : 0;
      latest = count > mostCount ? at + 1 : at;
      if (count > mostCount) count = 0;
      return `${padded(latest, timeDigits)}.${padded(count, countDigits)}.${replica}`;
    },
    saw(version) {
      const at = timeOf(version);
      if (at < latest) return;
      const seen = Number.parseInt(version.slice(timeDigits + 1, timeDigits + 1 + countDigits), 36);
      count = at === latest ? Math.max(count, seen) : seen;
      latest = at;
    },
  };
}

function padded(value: number, digits: number): string {
  return value.toString(36).padStart(digits, '0');
}
