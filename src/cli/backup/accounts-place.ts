/** Whether a backup may write accounts to the place in its own config: a foreign backup may point to other files of the user. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

export interface Places {
  /** The config file that is restored. */
  config: string;
  home: string;
  /** Where the config that is there now has its accounts; undefined where there is none. */
  present: string | undefined;
}

/**
 * The place that is in use, the usual one, or one beside the config. Directly in somebody's home that is a place which is new,
 * and not hidden: hidden ones belong to other programs, `.ssh` and `.config` among them.
 */
export function isOwnPlace(directory: string, { config, home, present }: Places): boolean {
  if (directory === present || isWithin(directory, join(home, '.cli-proxy-api'))) return true;
  const beside = dirname(config);
  if (directory === beside || !isWithin(directory, beside)) return false;
  if (!isWithin(home, beside)) return true;
  const hidden = relative(beside, directory)
    .split(sep)
    .some((name) => name.startsWith('.'));
  return !hidden && (!existsSync(directory) || readdirSync(directory).length === 0);
}

function isWithin(directory: string, place: string): boolean {
  return directory === place || directory.startsWith(place.endsWith(sep) ? place : place + sep);
}
