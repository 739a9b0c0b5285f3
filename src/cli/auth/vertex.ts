import { defineCommand } from '../command.ts';
import { Failure } from '../failure.ts';
import { inJson } from './failures.ts';
import { configOption, jsonOption, parseProxy, proxyOption } from './options.ts';

export const command = defineCommand('auth vertex', {
  summary: 'Use a service account of Google Cloud for Vertex AI: Gemini and Claude models',
  options: {
    file: {
      type: 'string',
      value: 'FILE',
      meaning: 'The key file of the service account, as Google gives it',
    },
    location: {
      type: 'string',
      value: 'NAME',
      meaning: 'Where the models run (us-central1); "global" for anywhere',
    },
    prefix: { type: 'string', value: 'NAME', meaning: 'Clients reach exactly this account as NAME/model' },
    label: { type: 'string', value: 'TEXT', meaning: 'A description for lists, kept in the account file' },
    'proxy-url': proxyOption,
    config: configOption,
    json: jsonOption,
  },
  details: `The key is checked with Google and copied into auth-dir; the given file is not changed. A running gateway uses it at
once. docs/providers/vertex.md explains how to create a service account and which permissions it needs.`,
  async run({ values }, shell) {
    const { file } = values;
    if (file === undefined)
      throw new Failure(
        'usage',
        'auth vertex needs --file FILE',
        'Google Cloud console: IAM, Service accounts, Keys, Add key, JSON.',
      );
    const proxyUrl = values['proxy-url'] === undefined ? undefined : parseProxy(values['proxy-url']);
    return inJson(values.json === true, shell.out.write, async () => {
      const { importServiceAccount } = await import('./service-account.ts');
      const wishes = { ...values, file, proxyUrl, json: values.json === true };
      return { ending: 'ok' as const, object: await importServiceAccount(wishes, shell) };
    });
  },
});
