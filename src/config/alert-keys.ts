/** Keys about alerts to a webhook. docs/quotas.md explains them. */
import { baseUrl, duration, group, headers, listOf, oneOf, secret } from './values.ts';

export const alertKinds = ['login-needed', 'pool-runs-dry', 'budget-nearly-spent', 'model-unserved'] as const;
export type AlertKind = (typeof alertKinds)[number];

export const alerts = group({
  url: baseUrl()
    .optional()
    .meta({ description: 'Where alerts go, as a POST of JSON; without it there are none.' }),
  headers: headers().default({}).meta({ description: 'Headers of that request.' }),
  secret: secret().optional().meta({
    description:
      'Signs the body: `x-signature-256: sha256=` and its HMAC-SHA256 with this secret, in hexadecimal.',
  }),
  on: listOf(oneOf(alertKinds), `kinds of alert (${alertKinds.join(', ')})`)
    .default([...alertKinds])
    .meta({ description: 'What there are alerts about; everything without it.' }),
  'min-interval': duration()
    .prefault('5m')
    .meta({ description: 'Shortest time between two alerts about the same thing.' }),
});
