/**
 * What the process ends with, in one table that docs/cli.md repeats for people and scripts. 69, 75 and 78 are
 * EX_UNAVAILABLE, EX_TEMPFAIL and EX_CONFIG of BSD's sysexits.h; 130 is what shells give for 128 + SIGINT; 13 for a taken callback
 * port is the peer's, and the other ends of a login have codes around it.
 */
export const exitCodes = {
  ok: { code: 0, meaning: 'done; for `serve`, stopped in order by a signal' },
  failure: { code: 1, meaning: 'the command failed; stderr has the reason' },
  usage: { code: 2, meaning: 'an unknown command or option, or an option without its value' },
  denied: { code: 10, meaning: 'login: denied in the browser, or by the provider' },
  'timed-out': { code: 11, meaning: 'login: not completed in time' },
  'state-mismatch': {
    code: 12,
    meaning: 'login: until the end of the time nothing came but the answer of another login',
  },
  'callback-port': { code: 13, meaning: 'login: the port that the browser comes back to is taken' },
  'sign-in-again': {
    code: 14,
    meaning: 'an account needs a new login; stderr has its name, and the command to run',
  },
  'wrong-account': { code: 15, meaning: 'login: another account signed in than that of `--account`' },
  unavailable: {
    code: 69,
    meaning:
      'something the command needs is not there: the port is taken, the provider is out of reach, the dependencies are not installed',
  },
  'already-running': {
    code: 75,
    meaning:
      '`serve`: another gateway runs with the same `auth-dir`; its address is in the sentence on stderr',
  },
  config: { code: 78, meaning: 'the config file is missing or has a problem; each is named with its line' },
  interrupted: {
    code: 130,
    meaning: 'Ctrl-C ended it before it was done; for `serve`, a second signal: running answers were cut',
  },
} as const satisfies Record<string, { code: number; meaning: string }>;

/** The name of a way to end. */
export type Ending = keyof typeof exitCodes;
