/** The gateway that runs: does it keep hold of more than it should, was it started as it should be. */
import type { ProcessFacts } from '../../management/own-answers.ts';
import { askRunning } from '../running-gateway.ts';
import { type Finding, ok, patience, type Subject, skip, warn } from './check.ts';

/** Part of the files that may be open from which on it is named. */
const muchOpen = 0.8;
/** Connections that the other side has closed and the gateway has not, from which on they are no chance. */
const forgotten = 100;

export const gatewayChecks: Subject = async ({ config }) => {
  const answer = await askRunning(config['auth-dir'], 'process', 'GET', patience).catch(() => undefined);
  if (answer === undefined || !('process' in answer))
    return ['gateway.files', 'gateway.settings'].map((id) => skip(id, 'No gateway runs with this config.'));
  return processFindings(answer.process);
};

/** The checks of a gateway's process. */
export function processFindings(facts: ProcessFacts): Finding[] {
  return [files(facts), settings(facts)];
}

function files({ openFiles, mostOpenFiles, halfClosedSockets }: ProcessFacts): Finding {
  const id = 'gateway.files';
  if (openFiles === null || mostOpenFiles === null)
    return skip(id, 'This system does not report open files.');
  if (halfClosedSockets !== null && halfClosedSockets >= forgotten)
    return warn(
      id,
      `The gateway has ${halfClosedSockets} connections open that the other side has closed.`,
      'restart the gateway, and report it with "cli-proxy-api doctor --json"',
    );
  return openFiles > mostOpenFiles * muchOpen
    ? warn(
        id,
        `The gateway has ${openFiles} of ${mostOpenFiles} files and connections open.`,
        'allow more (ulimit -n, LimitNOFILE=), and restart the gateway',
      )
    : ok(id, `The gateway has ${openFiles} of ${mostOpenFiles} files and connections open.`);
}

function settings({ missingSettings }: ProcessFacts): Finding {
  const id = 'gateway.settings';
  return missingSettings.length === 0
    ? ok(id, 'The gateway was started with the settings of its runtime.')
    : warn(
        id,
        `The gateway was started without ${missingSettings.join(', ')}: it takes more memory and time.`,
        'start it with cli-proxy-api, not with bun',
      );
}
