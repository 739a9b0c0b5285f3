/**
 * The questions that CLIProxyAPI 7.2.140 was asked, in the order in which it was, and what it answered: the status, and
 * which fields of which types. Ours has each of them, and may have more; what differs on purpose stands in `kept`, and
 * in the table of docs/management-api.md.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { declaredText } from './described.ts';
import recorded from './fixtures/peer-answers.json';
import { firstClientKey, ownerKey, type PreparedGateway, preparedGateway } from './prepared-gateway.ts';

const questionSchema = z.strictObject({
  ask: z.string(),
  key: z.enum(['none', 'bare', 'header', 'client', 'wrong']).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.json().optional(),
  text: z.string().optional(),
  form: z.array(z.object({ name: z.string(), text: z.string(), file: z.string().optional() })).optional(),
  status: z.number(),
  /** A type's name, or a list with the shape of its first, or an object of shapes; absent where the body is empty. */
  shape: z.json().optional(),
});
type Question = z.infer<typeof questionSchema>;
type Shape = z.infer<ReturnType<typeof z.json>>;

const questions = z.array(questionSchema).parse(recorded);

/** Differences that stay: `row` is the first column of the table in docs/management-api.md. */
const kept: readonly { row: string; ask: RegExp; differs: RegExp }[] = [
  { row: '`GET /`', ask: /^GET \/ /, differs: /^message: string → absent$/ },
  {
    row: '`config`: settings of parts that are not here',
    ask: /^GET config /,
    differs: /^quota-exceeded\.antigravity-credits: boolean → absent$/,
  },
  { row: '`PUT config.yaml` with a wrong type', ask: /^PUT config.yaml port/, differs: /^400 → 422$/ },
  { row: '`latest-version`', ask: /^GET latest-version/, differs: /^502 → 200$/ },
  {
    row: 'fields that an entry of a key list does not have',
    ask: /^GET (codex|claude)-api-key/,
    differs: /\[\]\.(proxy-url: string|models: (null|list)) → absent$/,
  },
  {
    row: 'a `codex-api-key` or `xai-api-key` entry without `base-url`',
    ask: /^GET (codex|xai)-api-key/,
    differs: /: 0 → 1 entries$/,
  },
  { row: 'empty maps of `oauth-…`', ask: /^GET oauth-/, differs: /: null → object$/ },
  {
    row: '`oauth-request-scoped-errors` with a rule that is none',
    ask: /^(PUT|PATCH) oauth-request-scoped-errors .*abc/,
    differs: /^(200|404) → 422$/,
  },
  {
    row: '`PATCH oauth-request-scoped-errors` with an empty list, and nothing is there',
    ask: /^PATCH oauth-request-scoped-errors .*\[\]/,
    differs: /^404 → 200$/,
  },
  { row: '`POST auth-files` with no JSON', ask: /^POST auth-files\?name=bad/, differs: /^500 → 400$/ },
  {
    row: '`last_refresh` of an account whose tokens were never renewed',
    ask: /^GET auth-files\?name=raw/,
    differs: /^files\[\]\.last_refresh: string → absent$/,
  },
  {
    row: '`PATCH auth-files/fields` with an empty text',
    ask: /^GET auth-files\/download\?name=raw/,
    differs: /^note: string → absent$/,
  },
  { row: '`usage`, `usage/export`', ask: /^GET usage(\/export)?$/, differs: /^404 → 200$/ },
  { row: 'errors below `/v1`', ask: /^GET \/v1\/models wrong/, differs: /^error: string → object$/ },
  {
    row: '`api-call` to this computer, to private addresses, or with `$TOKEN$` for an unknown account',
    ask: /^POST api-call .*(127\.0\.0\.1|\{gateway\}|\{upstream\})/,
    differs: /^(200|502) → (403|400)$/,
  },
  {
    row: 'fields of `model-definitions`',
    ask: /^GET model-definitions/,
    differs:
      /^models\[\]\.(name|version|description|supported_parameters|supportedOutputModalities|thinking\.\w+): \w+ → absent$/,
  },
  {
    row: '`model-definitions/qwen`, `/iflow`, `/gemini-cli`',
    ask: /^GET model-definitions\/qwen/,
    differs: /^400 → 200$/,
  },
  {
    row: 'log lines of management requests',
    ask: /^GET logs\?cursor/,
    differs: /^lines: 1 → 0 entries$/,
  },
  {
    row: '`gemini-cli-`, `qwen-`, `iflow-auth-url`',
    ask: /^GET (gemini-cli|qwen|iflow)-auth-url/,
    // Qwen's server is asked for a code, and not there.
    differs: /^404 → (200|500)$/,
  },
  {
    row: 'writes to plugins that there are not',
    ask: /^(GET|PUT|PATCH|DELETE) plugins\/demo/,
    differs: /^200 → 404$/,
  },
  { row: '`plugin-store`', ask: /plugin-store/, differs: /^502 → (200|404)$/ },
  { row: '`/management.html`', ask: /^GET \/management.html/, differs: /^200 → 302$/ },
  {
    row: '`/codex/callback` and its like, with an error or an unknown state',
    ask: /^GET \/codex\/callback/,
    differs: /^200 → 400$/,
  },
  {
    row: '`quota/providers`, `/v8/management`',
    ask: /^GET (quota\/providers|\/v8\/management\/config)/,
    differs: /^404 → 200$/,
  },
  { row: 'five wrong or missing keys', ask: /^GET debug( none)?$/, differs: /^403 → (401|200)$/ },
  {
    row: '`X-Forwarded-For`',
    ask: /^GET debug x-forwarded-for/,
    differs: /^403 → 200$/,
  },
];

interface Said {
  status: number;
  shape: Shape | undefined;
}
const answers: Said[] = [];
let gateway: PreparedGateway;

beforeAll(async () => {
  gateway = await preparedGateway();
  await askAll(gateway);
}, 60_000);

afterAll(() => gateway[Symbol.asyncDispose]());

async function askAll({ url: base, upstreamUrl }: PreparedGateway): Promise<void> {
  const found: Record<string, string> = { upstream: upstreamUrl, gateway: base };
  const filled = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name) => found[name] ?? whole);
  for (const question of questions) {
    const wanted = JSON.stringify(question.shape);
    for (let tries = 0; ; tries++) {
      const response = await sent(base, question, filled);
      const text = await declaredText(filled(question.ask).split(' ')[0] ?? '', response.url, response);
      const json = parsed(text.replaceAll(upstreamUrl, '{upstream}'));
      const facts = z.looseObject({}).safeParse(json).data ?? {};
      if (typeof facts.state === 'string') found.state = facts.state;
      if (typeof facts['next-cursor'] === 'string') found.cursor = facts['next-cursor'];
      const { files } = z.object({ files: z.array(z.looseObject({})) }).safeParse(json).data ?? {};
      const index = files?.find(({ name }) => name === 'codex-a@example.test.json')?.auth_index;
      if (typeof index === 'string') found.auth_index = index;
      const shape = text === '' ? undefined : json === undefined ? 'text' : shapeOf(json);
      // What ends a sign-in and counts a request is not done when its answer is there.
      const isPending =
        (/get-auth-status\?state=\{/.test(question.ask) &&
          wanted.includes('error') &&
          facts.status === 'wait') ||
        (/usage-queue\?count=5/.test(question.ask) && JSON.stringify(shape) === '[]' && wanted !== '[]');
      if (isPending && tries < 100) {
        await Bun.sleep(20);
        continue;
      }
      answers.push({ status: response.status, shape });
      break;
    }
  }
}

function sent(
  base: string,
  { ask, key: kind, headers, body, text, form }: Question,
  filled: (t: string) => string,
): Promise<Response> {
  const [method = '', where = ''] = filled(ask).split(' ');
  const data = new FormData();
  for (const { name, text: content, file } of form ?? [])
    if (file === undefined) data.append(name, content);
    else data.append(name, new Blob([content], { type: 'application/json' }), file);
  const payload = form ? data : body === undefined ? text : filled(JSON.stringify(body));
  return fetch(`${base}${where.startsWith('/') ? where : `/v0/management/${where}`}`, {
    method,
    redirect: 'manual',
    headers: {
      ...keyHeader(kind),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload !== undefined && { body: payload }),
  });
}

function keyHeader(kind: Question['key']): Record<string, string> {
  switch (kind) {
    case undefined:
      return { authorization: `Bearer ${ownerKey}` };
    case 'bare':
      return { authorization: ownerKey };
    case 'header':
      return { 'x-management-key': ownerKey };
    case 'client':
      return { authorization: `Bearer ${firstClientKey}` };
    case 'wrong':
      return { authorization: 'Bearer wrong' };
    case 'none':
      return {};
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Maps whose keys are not of the API. */
const openMaps = new Set(['header', 'response_headers']);

function shapeOf(value: unknown, name?: string): Shape {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  if (name !== undefined && openMaps.has(name)) return 'object';
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, shapeOf(inner, field)]));
}

/** What a client of the peer would miss: `path: theirs → ours`. */
function missing(theirs: Shape, ours: Shape | undefined, path = ''): string[] {
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    const [first] = theirs;
    if (first === undefined || ours[0] === undefined)
      return theirs.length === ours.length ? [] : [`${path}: ${theirs.length} → ${ours.length} entries`];
    return missing(first, ours[0], `${path}[]`);
  }
  if (isObject(theirs) && isObject(ours))
    return Object.entries(theirs).flatMap(([field, shape]) =>
      missing(shape, ours[field], path === '' ? field : `${path}.${field}`),
    );
  return theirs === ours ? [] : [`${path}: ${kindOf(theirs)} → ${kindOf(ours)}`];
}

const isObject = (shape: Shape | undefined): shape is { [field: string]: Shape } =>
  typeof shape === 'object' && shape !== null && !Array.isArray(shape);

function kindOf(shape: Shape | undefined): string {
  if (shape === undefined) return 'absent';
  return typeof shape === 'string' ? shape : Array.isArray(shape) ? 'list' : 'object';
}

function differences({ status, shape }: Question, ours: Said | undefined): string[] {
  const known = status === ours?.status ? [] : [`${status} → ${ours?.status}`];
  const isComparable = known.length === 0 || (status >= 400 && (ours?.status ?? 0) >= 400);
  return shape === undefined || !isComparable ? known : [...known, ...missing(shape, ours?.shape)];
}

/** What the question is called. */
const asked = ({ ask, key: kind, headers, body, text }: Question): string => {
  const sentBody = text ?? (body === undefined ? undefined : JSON.stringify(body));
  const named = Object.keys(headers ?? {}).filter((name) => name.startsWith('x-'));
  return [ask, kind, ...named, sentBody].filter((part) => part !== undefined).join(' ');
};

const isKept = (question: Question, difference: string) => (one: (typeof kept)[number]) =>
  one.ask.test(asked(question)) && one.differs.test(difference);

test.each(questions.map((question, at) => ({ name: asked(question).slice(0, 70), question, at })))(
  '$name',
  ({ question, at }) => {
    const found = differences(question, answers[at]);
    expect(found.filter((difference) => !kept.some(isKept(question, difference)))).toEqual([]);
  },
);

test('each difference that stays is there, and explained in docs/management-api.md', () => {
  const document = readFileSync(join(import.meta.dir, '../../docs/management-api.md'), 'utf8');
  const unexplained = kept.filter(({ row }) => !document.includes(`| ${row} |`));
  const found = questions.flatMap((question, at) =>
    differences(question, answers[at]).map((difference) => ({ question, difference })),
  );
  const unused = kept.filter(
    (one) => !found.some(({ question, difference }) => isKept(question, difference)(one)),
  );
  expect({ unexplained, unused }).toEqual({ unexplained: [], unused: [] });
});
