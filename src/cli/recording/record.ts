import { resolve } from 'node:path';
import { systemClock } from '../../ground/clock.ts';
import { errorCode } from '../../ground/error-code.ts';
import type { ManagementAnswer } from '../../management/own-answers.ts';
import type { RecordingState } from '../../recording/recordings.ts';
import { defineCommand } from '../command.ts';
import { configOption } from '../config-file.ts';
import { Failure } from '../failure.ts';
import type { Shell } from '../shell.ts';
import { version } from '../version.ts';

export const command = defineCommand('record', {
  summary: 'Record the next request completely, on both sides and without secrets, for a bug report',
  options: {
    config: configOption,
    next: { type: 'string', value: 'N', meaning: 'How many requests to record: 1 to 20 (1)' },
    file: { type: 'string', value: 'FILE', meaning: 'Where to write it (recording-TIME.json)' },
    filler: {
      type: 'boolean',
      meaning: 'Replace all texts by filler of the same length and shape ("Hello, Ann" is "Xxxxx, Xxx")',
    },
    timeout: { type: 'string', value: 'SECONDS', meaning: 'How long to wait for the requests (600)' },
  },
  details: `Records in the gateway that runs with the same auth-dir; send the failing request while it runs. The file has the
client's request and response, and the request and response of every attempt, with headers, times and the trace that
"explain" shows. Keys, tokens, cookies, names of accounts, addresses of clients and names of your own hosts are removed;
other texts stay unless you use --filler. Only you can read the file (0600): check it before you attach it anywhere.
"replay" plays it. Ctrl-C writes what has been recorded so far.`,
  async run({ values }, shell) {
    const count = wholeNumber(values.next ?? '1', '--next', 20);
    const seconds = wholeNumber(values.timeout ?? '600', '--timeout', 86_400);
    const { authDirInForce } = await import('../config-in-force.ts');
    const { askRunning, notRunning } = await import('../running-gateway.ts');
    const directory = await authDirInForce(values.config, shell);
    const ask = async (path: string, method: 'GET' | 'POST' | 'DELETE'): Promise<RecordingState> => {
      const answer: ManagementAnswer | undefined = await askRunning(directory, path, method);
      if (answer === undefined)
        throw notRunning(directory, 'Start it, and record while the request goes through it.');
      if (!('recording' in answer)) throw new Failure('failure', 'the gateway gave another answer');
      return answer;
    };
    const { recording } = await ask(`recordings?count=${count}`, 'POST');
    shell.err.write(
      `Recording: send ${count === 1 ? 'the request' : `${count} requests`} now. Ctrl-C ends it.\n`,
    );
    try {
      await ended(
        (whole) => ask(`recordings/${recording}${whole ? '?whole=true' : ''}`, 'GET'),
        count,
        seconds,
      );
      const { exchanges } = await ask(`recordings/${recording}?whole=true`, 'GET');
      if (exchanges.length === 0)
        throw new Failure('failure', 'no request has ended meanwhile, so there is nothing to write');
      const file = resolve(values.file ?? fileName());
      await written(file, { exchanges, filler: values.filler === true });
      said(file, exchanges.length, values.filler === true, shell);
    } finally {
      await askRunning(directory, `recordings/${recording}`, 'DELETE').catch(() => undefined);
    }
    return 'ok' as const;
  },
});

/** Milliseconds between two looks. */
const lookEvery = 250;

/** Resolves when all have ended, when the time is over, or when the person has had enough. */
async function ended(
  ask: (whole: boolean) => Promise<RecordingState>,
  count: number,
  seconds: number,
): Promise<void> {
  const until = systemClock.now() + seconds * 1000;
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
  };
  process.once('SIGINT', interrupt);
  try {
    while (!interrupted && systemClock.now() < until) {
      if ((await ask(false)).ended >= count) return;
      await systemClock.wait(lookEvery);
    }
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}

async function written(
  file: string,
  { exchanges, filler }: { exchanges: RecordingState['exchanges']; filler: boolean },
): Promise<void> {
  const { bundleVersion } = await import('../../recording/bundle.ts');
  const { withFiller } = await import('../../recording/filler.ts');
  const { writeAtomically } = await import('../../accounts/atomic-write.ts');
  const bundle = { bundle: bundleVersion, version, filler: false, exchanges } as const;
  try {
    await writeAtomically(file, `${JSON.stringify(filler ? withFiller(bundle) : bundle, null, 1)}\n`);
  } catch (error) {
    const code = errorCode(error) ?? String(error);
    throw new Failure('failure', `${file} cannot be written (${code})`);
  }
}

function said(file: string, count: number, filler: boolean, { out, err }: Shell): void {
  out.write(`${file}\n`);
  err.write(
    `${count === 1 ? 'One request is' : `${count} requests are`} in it, without secrets${filler ? ' and with filler for texts' : ''}. Look into it before you attach it to an issue; "cli-proxy-api replay ${file}" plays it.\n`,
  );
}

function fileName(): string {
  return `recording-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.json`;
}

function wholeNumber(text: string, option: string, most: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > most)
    throw new Failure('usage', `${option} is a whole number from 1 to ${most}, not "${text}"`);
  return number;
}
