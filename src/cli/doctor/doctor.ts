import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { systemClock } from '../../ground/clock.ts';
import { defineCommand } from '../command.ts';
import { configOption } from '../config-file.ts';
import type { Shell } from '../shell.ts';
import type { CheckState, Examined, Finding, Subject } from './check.ts';

/** A well-kept clock that anybody may ask; no credential and no path of a user is sent. */
const usualClock = 'https://www.cloudflare.com/';

export const command = defineCommand('doctor', {
  summary: 'Check the config, the accounts, the stores and this computer for problems, and suggest fixes',
  options: {
    config: configOption,
    fix: { type: 'boolean', meaning: 'Fix what can be fixed without loss: file modes' },
    online: {
      type: 'boolean',
      meaning:
        'Check over the network, too: the clock, providers and the keys of the config, the latest version',
    },
    clock: {
      type: 'string',
      value: 'URL',
      meaning: `With --online: compare the clock with that of this server instead of ${usualClock}`,
    },
    json: { type: 'boolean', meaning: 'Print JSON: checks, each with id, state, message and fix' },
  },
  details: `Nothing needs to run for it. It ends with 1 where a check fails; warnings are no failure.`,
  async run({ values }, shell) {
    const network = { online: values.online === true, clock: values.clock ?? usualClock };
    const examined = await examine(values.config, network, shell);
    let findings = await examination(examined);
    if (values.fix) {
      for (const { mend } of findings) await mend?.();
      findings = await examination(await examine(values.config, network, shell));
    }
    if (values.json) {
      const checks = findings.map(({ id, state, message, fix }) => ({
        id,
        state,
        message,
        fix: fix ?? null,
      }));
      shell.out.write(`${JSON.stringify({ checks })}\n`);
    } else shell.out.write(text(findings, shell));
    return findings.some(({ state }) => state === 'fail') ? ('failure' as const) : ('ok' as const);
  },
});

async function examine(
  option: string | undefined,
  network: Pick<Examined, 'online' | 'clock'>,
  { env }: Shell,
): Promise<Examined> {
  const { loadConfig, parseConfig } = await import('../../config/load.ts');
  const { configLocation } = await import('../../config/location.ts');
  const { authDirOf } = await import('../editable-config.ts');
  const file = resolve(option ?? configLocation(undefined, env).file);
  const loaded = existsSync(file) ? await loadConfig(file, { env }) : undefined;
  const usual = parseConfig('', { file, env });
  if (!usual.ok) throw new Error('the defaults are no config');
  const config = loaded?.ok
    ? loaded.config
    : { ...usual.config, ...(loaded && { 'auth-dir': resolve(await authDirOf(file, env)) }) };
  const isRead = loaded?.ok !== false;
  return {
    file,
    loaded,
    config,
    isRead,
    env,
    home: env.HOME || homedir(),
    ...network,
    now: systemClock.now(),
  };
}

async function examination(examined: Examined): Promise<Finding[]> {
  const subjects: Subject[] = [
    (await import('./config.ts')).configChecks,
    (await import('./network.ts')).networkChecks,
    (await import('./accounts.ts')).accountChecks,
    (await import('./keys.ts')).keyChecks,
    (await import('./store.ts')).storeChecks,
    (await import('./runtime.ts')).runtimeChecks,
    (await import('./gateway.ts')).gatewayChecks,
    (await import('./clients.ts')).clientChecks,
    (await import('./service.ts')).serviceChecks,
    (await import('./cluster.ts')).clusterChecks,
  ];
  return (await Promise.all(subjects.map((subject) => subject(examined)))).flat();
}

const colours = { ok: 'green', warn: 'yellow', fail: 'red', skip: 'gray' } as const satisfies Record<
  CheckState,
  string
>;

function text(findings: readonly Finding[], { out }: Shell): string {
  const lines = findings.map(({ id, state, message, fix }) => {
    const mending = fix === undefined || state === 'ok' ? '' : `\n        ${fix}`;
    return `${out.style(colours[state], state.padEnd(4))}  ${id}: ${message}${mending}\n`;
  });
  const failed = findings.filter(({ state }) => state === 'fail').length;
  const warned = findings.filter(({ state }) => state === 'warn').length;
  return `${lines.join('')}\n${failed} failed, ${warned} to look at, of ${findings.length} checks.\n`;
}
