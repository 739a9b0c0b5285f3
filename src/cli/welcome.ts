/** What `serve` prints for the person who started it: where it serves, what to paste, what to do next. */

import { counted } from '../ground/counted.ts';
import type { InUse } from '../server/in-use.ts';
import { fromHere, onLoopback } from './running-address.ts';
import type { Output } from './shell.ts';

/** Facts about a gateway that has just started. */
export interface Started {
  /** Where it serves, without a slash at the end. */
  url: string;
  /** The config file, as the person would name it. */
  configFile: string;
  /** Processes that serve, where it is not this one. */
  workers?: number;
  /** True where this start wrote the file. */
  firstRun: boolean;
  /** A key of the config that clients may use; undefined where none is needed. */
  clientKey: string | undefined;
  /** True while no credential is configured and the config lets the sandbox answer. */
  sandbox: boolean;
  /** How much there is to answer with. */
  inUse: InUse;
  /** Where the console opens; undefined where there is none, or no user to see it. */
  console: string | undefined;
}

/** The lines after the start. A key is shown only while there is nothing behind it but the sandbox. */
export function welcome(started: Started, { style }: Output): string {
  const { configFile, firstRun, sandbox } = started;
  const url = fromHere(started.url);
  const title = firstRun ? 'Welcome to cli-proxy-api.' : 'cli-proxy-api is ready.';
  const facts = `${style('bold', title)}

  Serving  ${style('cyan', url)}
  Config   ${configFile}${firstRun ? ' (new, with a client key made for you)' : ''}
${started.workers === undefined ? '' : `  Workers  ${started.workers}\n`}${sandbox ? '' : `  In use   ${amounts(started.inUse)}\n`}${started.console === undefined ? '' : `  Console  ${style('cyan', onLoopback(started.console))}\n`}`;
  return sandbox ? `${facts}\n${trySandbox({ ...started, url }, style)}\n` : `${facts}\n`;
}

/** `1 key, 10 accounts (1 needs a login), 68 models`. */
function amounts({ keys, accounts, signInAgain, models }: InUse): string {
  const logins = signInAgain === 0 ? '' : ` (${signInAgain} ${signInAgain === 1 ? 'needs' : 'need'} a login)`;
  return `${counted(keys, 'key')}, ${counted(accounts, 'account')}${logins}, ${counted(models, 'model')}`;
}

function trySandbox({ url, configFile, clientKey }: Started, style: Output['style']): string {
  return `Try it: paste this into another terminal.

${curl(url, clientKey, { flags: '', stream: '' })}

The same, streamed:

${curl(url, clientKey, { flags: '-N ', stream: '"stream":true,' })}

${style('yellow', 'No credential is configured yet, so the built-in sandbox answers.')} No provider is called.
To use a real one, sign in ("cli-proxy-api auth" lists the providers), or add a key to ${configFile}
and save: both apply at once.

  gemini-api-key:
    - api-key: AIza…
`;
}

function curl(
  url: string,
  clientKey: string | undefined,
  { flags, stream }: { flags: string; stream: string },
) {
  const authorization = clientKey === undefined ? '' : ` -H ${quoted(`Authorization: Bearer ${clientKey}`)}`;
  const body = `{"model":"sandbox",${stream}"messages":[{"role":"user","content":"Hello"}]}`;
  return `curl ${flags}${url}/v1/chat/completions${authorization} -H 'Content-Type: application/json' -d '${body}'`;
}

/** A shell word: characters that YAML permits in a key may be special in a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
