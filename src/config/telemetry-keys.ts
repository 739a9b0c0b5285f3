/** Keys about what monitoring reads of the gateway. */
import { z } from 'zod';
import { baseUrl, flag, group, headers, oneOf, secret } from './values.ts';

/** `127.0.0.1:9090`, `[::1]:9090`. */
function listenAddress() {
  return z
    .string()
    .refine((value) => {
      const port = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})$/.exec(value)?.[1];
      return port !== undefined && Number(port) <= 65535;
    })
    .meta({ expects: 'an address and a port such as 127.0.0.1:9090' });
}

export const metrics = group({
  enable: flag().default(true).meta({ description: 'Serves `GET /metrics`; off, there is no such address.' }),
  listen: listenAddress().optional().meta({
    description:
      'Serves them at this address and port instead of the gateway’s own: `127.0.0.1:9090`. Changes apply at the next start.',
  }),
  token: secret().optional().meta({
    description:
      'With it as `Authorization: Bearer` the metrics can be read from anywhere, as with the management key. Programs on this computer need neither.',
  }),
  'per-credential': flag().default(true).meta({
    description:
      'Series for each credential and each named client key: quotas, cooldowns, limits. There are none above 200 of them.',
  }),
  genai: flag().default(false).meta({
    description:
      'The `gen_ai_*` metrics of the OpenTelemetry conventions beside our own, as Envoy AI Gateway names them; `OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental` takes the newer names instead.',
  }),
});

export const tracing = group({
  endpoint: baseUrl().optional().meta({
    description:
      'Where traces go, as OTLP over HTTP: the address of a collector, such as `http://127.0.0.1:4318`. Without it, and without `OTEL_EXPORTER_OTLP_ENDPOINT`, nothing is traced.',
  }),
  headers: headers().default({}).meta({
    description: 'Headers of those requests, such as a key of the service that takes the traces.',
  }),
  sample: z.number().min(0).max(1).default(0.1).meta({
    expects: 'a share from 0 to 1',
    description:
      'Share of the traces that begin here and are exported. Failures, requests over 30 s and those with several attempts always are.',
  }),
  propagate: oneOf(['off', 'own', 'all']).default('off').meta({
    description:
      'Whether providers get `traceparent`: none, those at addresses of your own (no provider’s), or all. It allows its receiver to correlate your requests.',
  }),
  protocol: oneOf(['http/json', 'http/protobuf']).default('http/json').meta({
    description:
      'How traces are written. Some services take `http/protobuf` only; it costs about twice as much to make.',
  }),
});
