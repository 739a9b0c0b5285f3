import { defineCommand } from './command.ts';
import { configOption } from './config-file.ts';
import { Failure } from './failure.ts';

/** Milliseconds for one small request: thinking models take their time. */
const patience = 120_000;

export const command = defineCommand({
  name: 'test',
  summary: 'Send one small request through the running gateway and say how it went',
  words: { shown: '[MODEL]', limit: 1 },
  options: {
    config: configOption,
    json: { type: 'boolean', meaning: 'Print JSON: ok, model, status, milliseconds, id, answer' },
  },
  details: `MODEL is a name that "cli-proxy-api models" lists: without it, the first. "prefix/MODEL" reaches the credential with that
prefix. It costs a few tokens.`,
  async run({ values, positionals: [wanted] }, shell) {
    const { accountConfig } = await import('./auth/accounts.ts');
    const { runningAddress } = await import('./running-address.ts');
    const { takeProxies } = await import('../gateway/upstream/proxy.ts');
    takeProxies(process.env);
    const config = await accountConfig(values.config, shell);
    const url = await runningAddress(values.config, shell);
    const key = config['api-keys'][0]?.key;
    const ask = async (path: string, body?: object) => {
      try {
        return await fetch(`${url}${path}`, {
          method: body === undefined ? 'GET' : 'POST',
          headers: {
            'content-type': 'application/json',
            ...(key !== undefined && { authorization: `Bearer ${key}` }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(patience),
          tls: { rejectUnauthorized: false },
        });
      } catch (error) {
        throw new Failure(
          'unavailable',
          `${url} does not answer: ${String(error)}`,
          'Start it: cli-proxy-api serve',
        );
      }
    };
    const model = wanted ?? /"id":"([^"]+)"/.exec(await (await ask('/v1/models')).text())?.[1];
    if (model === undefined)
      throw new Failure('failure', 'the gateway lists no model', 'cli-proxy-api doctor');
    const started = performance.now();
    const response = await ask('/v1/chat/completions', {
      model,
      max_tokens: 64,
      messages: [{ role: 'user', content: 'Answer with the one word: ready' }],
    });
    const answer = (await response.text()).slice(0, 2_000);
    const milliseconds = Math.round(performance.now() - started);
    const id = response.headers.get('x-request-id');
    if (values.json)
      shell.out.write(
        `${JSON.stringify({ ok: response.ok, model, status: response.status, milliseconds, id, answer })}\n`,
      );
    else if (response.ok) shell.out.write(`${model} answered in ${milliseconds} ms.\n`);
    if (response.ok || values.json) return response.ok ? ('ok' as const) : ('failure' as const);
    throw new Failure(
      'failure',
      `${model}: ${response.status} after ${milliseconds} ms: ${answer}`,
      `cli-proxy-api explain ${id ?? ''}`,
    );
  },
});
