/**
 * What the process ends with, in one table that docs/cli.md repeats for people and scripts. 69 and 78 are
 * EX_UNAVAILABLE and EX_CONFIG of BSD's sysexits.h; 130 is what shells give for 128 + SIGINT.
 */
export const exitCodes = {
  ok: { code: 0, meaning: 'done; for `serve`, stopped in order by a signal' },
  failure: { code: 1, meaning: 'the command failed; the sentence on stderr says why' },
  usage: { code: 2, meaning: 'an unknown command or option, or an option without its value' },
  unavailable: {
    code: 69,
    meaning:
      'something the command needs is not there: the port is taken, the dependencies are not installed',
  },
  config: { code: 78, meaning: 'the config file is missing or has a problem; each is named with its line' },
  interrupted: { code: 130, meaning: 'a second signal ended `serve` at once, running answers were cut' },
} as const satisfies Record<string, { code: number; meaning: string }>;

/** The name of a way to end. */
export type Ending = keyof typeof exitCodes;
