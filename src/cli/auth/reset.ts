import { defineCommand } from '../command.ts';
import { Failure } from '../failure.ts';
import { inJson } from './failures.ts';
import { configOption, jsonOption } from './options.ts';

export const command = defineCommand('auth reset', {
  summary: 'End the cooldowns of an account or key, so that the next request may use it',
  words: { shown: 'ACCOUNT', limit: 1 },
  options: {
    model: { type: 'string', value: 'NAME', meaning: "Only for this model, by the provider's name" },
    all: { type: 'boolean', meaning: 'Those of every account and key' },
    config: configOption,
    json: jsonOption,
  },
  details: `ACCOUNT is an id of "auth list", or what logs and error messages call a key. A running gateway is notified; without one
the cooldowns that it has left for its next start are ended.`,
  async run({ values, positionals: [wanted] }, shell) {
    if ((wanted === undefined) === (values.all !== true))
      throw new Failure('usage', 'which account?', 'Name one, or write --all. "auth list" has their ids.');
    return inJson(values.json === true, shell.out.write, async () => {
      const { authDirInForce } = await import('../config-in-force.ts');
      const { askRunning, segmentOf } = await import('../running-gateway.ts');
      const directory = await authDirInForce(values.config, shell);
      const model = values.model === undefined ? '' : `?model=${encodeURIComponent(values.model)}`;
      const answer = await askRunning(
        directory,
        `cooldowns/${segmentOf(wanted ?? '*', 'account or key')}${model}`,
        'DELETE',
      );
      const ended =
        answer !== undefined && 'reset' in answer ? answer : await forget(directory, wanted, values.model);
      if (answer === undefined && ended.reset === 0 && wanted !== undefined)
        throw new Failure(
          'unavailable',
          `no gateway runs with the auth-dir ${directory}, and none has left a cooldown of "${wanted}"`,
          'Start it with "cli-proxy-api serve", or name its config with --config FILE.',
        );
      if (!values.json)
        shell.out.write(
          ended.reset === 0
            ? 'There was no cooldown to end.\n'
            : `Ended ${ended.reset} ${ended.reset === 1 ? 'cooldown' : 'cooldowns'} of ${ended.credentials.join(', ')}.\n`,
        );
      return { ending: 'ok' as const, object: { ok: true, ...ended } };
    });
  },
});

/** No gateway runs: takes the cooldowns out of the file that the next one would load. */
async function forget(
  directory: string,
  wanted: string | undefined,
  model: string | undefined,
): Promise<{ reset: number; credentials: string[] }> {
  const { createCooldownFile } = await import('../../credentials/cooldown-file.ts');
  const onProblem = (sentence: string): never => {
    throw new Failure('failure', sentence);
  };
  const records = (await createCooldownFile({ directory, records: () => [], onProblem }).load()) ?? [];
  const over = records.filter(
    ({ credential, cooldown }) =>
      (wanted === undefined || credential === wanted || credential.startsWith(`${wanted}/`)) &&
      (model === undefined || cooldown.model === undefined || cooldown.model === model),
  );
  if (over.length > 0) {
    const file = createCooldownFile({
      directory,
      records: () => records.filter((record) => !over.includes(record)),
      onProblem,
    });
    file.changed();
    await file.close();
  }
  return { reset: over.length, credentials: [...new Set(over.map(({ credential }) => credential))] };
}
