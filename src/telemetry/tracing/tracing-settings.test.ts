/** OpenTelemetry's variables, as its specification has them. */
import { expect, test } from 'bun:test';
import type { Environment, TraceProtocol } from './otel-variables.ts';
import { type TracingConfig, tracingSettings } from './tracing-settings.ts';

const config: TracingConfig = {
  endpoint: 'http://configured:4318',
  headers: { Authorization: 'configured', 'x-own': '1' },
  sample: 0.3,
  protocol: 'http/json',
};

function settings(env: Environment, more: Partial<TracingConfig> = {}) {
  const warnings: string[] = [];
  const read = tracingSettings({ ...config, ...more }, env, '1.0', 'instance', (sentence) =>
    warnings.push(sentence),
  );
  return { read, warnings };
}

test.each<[what: string, url: string, env: Environment]>([
  ['none', 'http://configured:4318/v1/traces', {}],
  ['an empty one', 'http://configured:4318/v1/traces', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
  ['one without a path', 'http://named:4318/v1/traces', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://named:4318' }],
  ['one with a path', 'https://named/otlp/v1/traces', { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://named/otlp/' }],
  ['one with a query', 'http://named/v1/traces?key=1', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://named?key=1' }],
  ['that of traces', 'http://traces:9/', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces:9' }],
  [
    'that of traces before the common one',
    'http://traces/in',
    {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces/in',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://named',
    },
  ],
])('an endpoint in the environment: %s: %s', (_, url, env) => {
  expect(settings(env)).toMatchObject({ read: { url }, warnings: [] });
});

test.each(['localhost:4318', 'grpc://named:4317', 'nonsense', '//named'])(
  'an endpoint that is no address is left out, and said so: %s',
  (text) => {
    const { read, warnings } = settings({ OTEL_EXPORTER_OTLP_ENDPOINT: text });
    expect(read?.url).toBe('http://configured:4318/v1/traces');
    expect(warnings).toEqual([
      'OTEL_EXPORTER_OTLP_ENDPOINT is left out: it is no address such as http://127.0.0.1:4318',
    ]);
  },
);

test.each([
  ['http://here:4318', 'http://here:4318/v1/traces'],
  ['http://here/otlp/', 'http://here/otlp/v1/traces'],
  ['http://here/otlp/v1/traces', 'http://here/otlp/v1/traces'],
])('the endpoint of the configuration may be that of the traces: %s', (endpoint, url) => {
  expect(settings({}, { endpoint }).read?.url).toBe(url);
});

test.each<Environment>([
  { OTEL_SDK_DISABLED: 'true' },
  { OTEL_SDK_DISABLED: 'TRUE' },
  { OTEL_TRACES_EXPORTER: 'none' },
])('%j switches traces off', (env) => {
  expect(settings(env).read).toBeUndefined();
});

test('OTEL_SDK_DISABLED of anything else switches nothing off', () => {
  expect(settings({ OTEL_SDK_DISABLED: '1' }).read).toBeDefined();
});

test('headers of the environment win over those of the configuration, in any case of letters', () => {
  const { read, warnings } = settings({
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20a%3Db%2Cc, api-key = 1 ',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'API-KEY=2',
  });
  expect(read?.headers).toEqual({ authorization: 'Bearer a=b,c', 'x-own': '1', 'api-key': '2' });
  expect(warnings).toEqual([]);
});

test.each(['a b=1', 'x=1%0d%0ay:2', 'secret', '=1', 'x=%zz'])(
  'what is no header is left out, and its text is not repeated: %s',
  (text) => {
    const { read, warnings } = settings({ OTEL_EXPORTER_OTLP_HEADERS: text });
    expect(read?.headers).toEqual({ authorization: 'configured', 'x-own': '1' });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).not.toContain(text);
  },
);

test.each(['x=%zz', 'secret', '=1', 'a b=1'])(
  'one header that is none takes no other with it: %s',
  (broken) => {
    const { read, warnings } = settings({
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20mine,${broken},api-key=1`,
    });
    expect(read?.headers).toEqual({ authorization: 'Bearer mine', 'x-own': '1', 'api-key': '1' });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toStartWith('OTEL_EXPORTER_OTLP_HEADERS: ');
    expect(warnings[0]).not.toContain(broken);
  },
);

test('attributes of the process: percent-encoded, the name of the service before them', () => {
  const { read } = settings({
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=pr%C3%BCf,service%2Ename=other,team=a%2Cb%3Dc',
    OTEL_SERVICE_NAME: 'gateway',
  });
  expect(read?.resource).toEqual({
    'service.name': 'gateway',
    'service.version': '1.0',
    'service.instance.id': 'instance',
    'deployment.environment.name': 'prüf',
    team: 'a,b=c',
  });
});

test.each(['a=1,b', 'a=%zz', '=1'])('attributes that are broken are left out as a whole: %s', (text) => {
  const { read, warnings } = settings({ OTEL_RESOURCE_ATTRIBUTES: text });
  expect(Object.keys(read?.resource ?? {})).toEqual([
    'service.name',
    'service.version',
    'service.instance.id',
  ]);
  expect(warnings).toHaveLength(1);
});

test.each<[env: Environment, protocol: TraceProtocol, warned: number]>([
  [{}, 'http/json', 0],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, 'http/protobuf', 0],
  [
    {
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
    },
    'http/json',
    0,
  ],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'http/json', 1],
])('%j: traces are written as %s', (env, protocol, warned) => {
  const { read, warnings } = settings(env);
  expect([read?.protocol, warnings.length]).toEqual([protocol, warned]);
});

test.each<[env: Environment, share: number, warned: number]>([
  [{}, 0.3, 0],
  [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' }, 0.25, 0],
  [{ OTEL_TRACES_SAMPLER: 'traceidratio' }, 1, 0],
  [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' }, 1, 1],
  [{ OTEL_TRACES_SAMPLER: 'jaeger_remote' }, 0.3, 1],
])('%j: the share is %p', (env, share, warned) => {
  const { read, warnings } = settings(env);
  expect([read?.sampling.share, warnings.length]).toEqual([share, warned]);
});

test.each<[env: Environment, propagates: boolean, warned: number]>([
  [{}, true, 0],
  [{ OTEL_PROPAGATORS: 'tracecontext,baggage' }, true, 0],
  [{ OTEL_PROPAGATORS: 'none' }, false, 0],
  [{ OTEL_PROPAGATORS: 'b3' }, false, 1],
])('%j: traceparent is read: %p', (env, propagates, warned) => {
  const { read, warnings } = settings(env);
  expect([read?.propagates, warnings.length]).toEqual([propagates, warned]);
});

test('sizes that are none are left out, and a batch is no larger than what may wait', () => {
  const { read, warnings } = settings({
    OTEL_BSP_MAX_QUEUE_SIZE: '100',
    OTEL_BSP_SCHEDULE_DELAY: '-1',
    OTEL_BSP_EXPORT_TIMEOUT: 'soon',
  });
  expect(read?.batches).toEqual({ delay: 5000, waiting: 100, batch: 100, patience: 30_000 });
  expect(warnings).toHaveLength(2);
});
