import { defineCommand } from './command.ts';
import { configOption } from './config-file.ts';
import { Failure } from './failure.ts';

export const command = defineCommand('test', {
  summary: 'Send one small request through the running gateway and report the result',
  words: { shown: '[CREDENTIAL | MODEL]', limit: 1 },
  options: {
    config: configOption,
    model: { type: 'string', value: 'NAME', meaning: 'With CREDENTIAL: use this model' },
    json: {
      type: 'boolean',
      meaning:
        'Print JSON: ok, error, and tests, each with ok, credential, model, status, milliseconds, id, answer',
    },
  },
  details: `CREDENTIAL is an account or key: its label as in "auth list" and the log (claude/ada@example.com), its id, or a provider
for all of its credentials. MODEL is a name that "cli-proxy-api models" lists; by default the gateway chooses one. No
other credential is used. The test costs a few tokens.`,
  async run({ values, positionals: [name] }, shell) {
    const { configInForce } = await import('./config-in-force.ts');
    const { answerOf } = await import('./running-gateway.ts');
    const config = await configInForce(values.config, shell);
    const asked = new URLSearchParams({
      ...(name !== undefined && { name }),
      ...(values.model !== undefined && { model: values.model }),
    });
    const answer = await answerOf(config['auth-dir'], `test-request?${asked}`, 'POST', patience);
    if (answer === undefined)
      throw new Failure(
        'unavailable',
        `no gateway runs with the auth-dir ${config['auth-dir']}, so that nothing can be sent`,
        'Start it in another terminal with "cli-proxy-api serve", or name its config with --config FILE.',
      );
    if ('error' in answer) {
      if (!values.json) throw new Failure('failure', answer.error);
      shell.out.write(`${JSON.stringify({ ok: false, error: answer.error, tests: [] })}\n`);
      return 'failure';
    }
    if (!('tests' in answer)) throw new Error('the gateway answers something else');
    const { tests } = answer;
    const allOk = tests.every(({ ok }) => ok);
    if (values.json) shell.out.write(`${JSON.stringify({ ok: allOk, tests })}\n`);
    for (const { ok, credential, model, status, milliseconds, id, answer: text } of values.json
      ? []
      : tests) {
      const who = credential === null ? model : `${credential} with ${model}`;
      if (ok) shell.out.write(`${who} answered in ${milliseconds} ms.\n`);
      else
        shell.err.write(
          `${shell.err.style('red', 'failed:')} ${who}: ${status} after ${milliseconds} ms: ${sentenceOf(text)}\n"cli-proxy-api explain ${id}" shows why.\n`,
        );
    }
    return allOk ? 'ok' : 'failure';
  },
});

/** Milliseconds for an answer: the gateway's own limits for a provider are shorter, unless somebody has set them so. */
const patience = 15 * 60_000;

/** The sentence in an error of OpenAI's shape; else the text itself. */
function sentenceOf(text: string): string {
  return /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]?.replaceAll('\\"', '"') ?? text;
}
