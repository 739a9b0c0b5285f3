/**
 * The gateway as its clients meet it: a listener on loopback. In this process, or, where CLI_PROXY_API_BIN names an
 * executable, as a process of that, so that one suite proves the source and the build.
 */
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../package.json';
import { type ConfigResult, formatProblem, parseConfig } from '../src/config/load.ts';
import type { Config } from '../src/config/schema.ts';
import type { JsonObject } from '../src/protocols/json.ts';
import { type Protocol, protocols } from '../src/protocols/model.ts';
import { startGateway } from '../src/server/start.ts';
import { createLog } from '../src/telemetry/log.ts';
import { serving } from './cli/program.ts';
import { eventually } from './eventually.ts';

/** The client key that every gateway of the tests accepts. */
export const clientKey = 'client-key-of-the-tests';

export interface TestedGateway extends AsyncDisposable {
  /** Without a slash at the end. */
  url: string;
  /** Puts another configuration in force; resolves once it is. */
  reconfigure(settings: JsonObject): Promise<void>;
  /** Stops it as SIGTERM does: resolves when running answers have ended. */
  stop(): Promise<void>;
}

/** Starts a gateway with these settings of `config.yaml`; address and client key are given. */
export function startTested(settings: JsonObject): Promise<TestedGateway> {
  return process.env.CLI_PROXY_API_BIN === undefined ? startHere(settings) : startProcess(settings);
}

/** Nothing of this computer's user is read or written. */
const authDir = mkdtempSync(join(tmpdir(), 'cli-proxy-api-accounts-'));
process.on('exit', () => rmSync(authDir, { recursive: true, force: true }));

function textOf(settings: JsonObject): string {
  // JSON is YAML too.
  return JSON.stringify({
    host: '127.0.0.1',
    port: 0,
    'api-keys': [clientKey],
    'auth-dir': authDir,
    ...settings,
  });
}

/** A home without anything in it: no account of whoever runs the tests is used. */
const nobody = join(tmpdir(), 'home-of-nobody');

/** The configuration that these settings mean. */
export function configOf(settings: JsonObject): Config {
  const result: ConfigResult = parseConfig(textOf(settings), { file: 'config.yaml', env: { HOME: nobody } });
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.config;
}

async function startHere(settings: JsonObject): Promise<TestedGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'cli-proxy-api-'));
  const config = (given: JsonObject) => configOf({ 'auth-dir': folder, ...given });
  const log = createLog({ level: 'silent', format: 'json' });
  const gateway = await startGateway({ config: config(settings), version, log });
  const stop = async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    url: gateway.url,
    reconfigure: (next) => gateway.reload(config(next)),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function startProcess(settings: JsonObject): Promise<TestedGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'cli-proxy-api-'));
  const file = join(folder, 'config.yaml');
  writeFileSync(file, textOf(settings));
  const program = await serving(['serve', '--config', file], { cwd: folder });
  const changesTold = () => program.output().split('config reloaded').length - 1;
  return {
    url: program.url,
    async reconfigure(next) {
      // Of a file that stays the same there is nothing to tell.
      if (readFileSync(file, 'utf8') === textOf(next)) return;
      const before = changesTold();
      writeFileSync(`${file}.new`, textOf(next));
      renameSync(`${file}.new`, file);
      await eventually(() => changesTold() > before);
    },
    async stop() {
      await program.end('SIGTERM');
    },
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The model name under which {@link everyUpstream} serves each upstream protocol. */
export const modelOver: Record<Protocol, string> = {
  'openai-chat': 'model-over-chat',
  'openai-responses': 'model-over-responses',
  'anthropic-messages': 'model-over-anthropic',
  gemini: 'model-over-gemini',
};

/** Settings with one credential of a protocol at `url`; `more` are further keys of its entry. */
export function oneUpstream(
  protocol: Protocol,
  url: string,
  models: JsonObject[],
  more: JsonObject = {},
): JsonObject {
  const entry = { models, ...more };
  switch (protocol) {
    case 'openai-chat': {
      const keys = [{ 'api-key': 'upstream-key-compatible' }];
      const named = { name: 'compatible', 'base-url': `${url}/v1`, 'api-key-entries': keys };
      return { 'openai-compatibility': [{ ...named, ...entry }] };
    }
    case 'openai-responses':
      return { 'codex-api-key': [{ 'api-key': 'upstream-key-codex', 'base-url': `${url}/v1`, ...entry }] };
    case 'anthropic-messages':
      return { 'claude-api-key': [{ 'api-key': 'upstream-key-claude', 'base-url': url, ...entry }] };
    case 'gemini':
      return { 'gemini-api-key': [{ 'api-key': 'upstream-key-gemini', 'base-url': url, ...entry }] };
  }
}

/** Settings with one credential per upstream protocol, all at `url`. */
export function everyUpstream(
  url: string,
  models: (protocol: Protocol) => JsonObject[],
  more: JsonObject = {},
): JsonObject {
  return Object.assign(
    {},
    ...protocols.map((protocol) => oneUpstream(protocol, url, models(protocol), more)),
  );
}
