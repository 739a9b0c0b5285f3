/** The reference of the configuration file, made from the schema. */
import { services } from '../providers/registry.ts';
import { commonFields } from './entries.ts';
import { INERT_KEYS, type InertKey } from './inert-keys.ts';
import { configSchema } from './schema.ts';
import { type KeyRow, keysBelow } from './schema-facts.ts';

const COMMON = new Set<unknown>(Object.values(commonFields));
/** All of these have the same keys, so the reference describes one. */
const ACCOUNT_PROVIDER = /^providers\.([a-z]+)/;
const BOUND = /^bounds(\.|$)/;
const MODEL_ROUTE = /^model-routes\./;
/** Listed once, as keys of `timeouts`. */
const ROUTE_TIMEOUT = /\.timeouts\./;
const PROVIDER_LIST = /^(?:[a-z]+-api-key|openai-compatibility)\[\]/;

/** docs/configuration.md, complete. */
export function configurationReference(): string {
  const rows = keysBelow(configSchema);
  const general = rows.filter(
    ({ pattern }) =>
      !PROVIDER_LIST.test(pattern) &&
      !ACCOUNT_PROVIDER.test(pattern) &&
      !BOUND.test(pattern) &&
      !MODEL_ROUTE.test(pattern),
  );
  const [account = '', ...otherAccounts] = new Set(
    rows.flatMap(({ pattern }) => ACCOUNT_PROVIDER.exec(pattern)?.[1] ?? []),
  );
  const accountRows = rows.filter(({ pattern }) => pattern.startsWith(`providers.${account}.`));
  const lists = [...new Set(rows.map(({ pattern }) => PROVIDER_LIST.exec(pattern)?.[0] ?? ''))].filter(
    Boolean,
  );
  const common = rows.filter(
    ({ pattern }) => pattern.startsWith('gemini-api-key[].') && isCommon(pattern, rows),
  );
  const own = (list: string) =>
    rows.filter(({ pattern }) => pattern.startsWith(`${list}.`) && !isCommon(pattern, rows));

  return [
    INTRODUCTION,
    '## General keys',
    table(general),
    '## `bounds`',
    'How much of anything from outside is taken, from clients and from providers. Keys are `bounds.<name>`.',
    table(
      rows.filter(({ pattern }) => pattern.startsWith('bounds.')),
      'bounds.',
    ),
    '## `model-routes`',
    MODEL_ROUTES,
    table(
      rows.filter(({ pattern }) => MODEL_ROUTE.test(pattern) && !ROUTE_TIMEOUT.test(pattern)),
      'model-routes.*.',
    ),
    '## `providers`',
    `Each key is \`providers.<name>.<key>\`, with one of these names: ${[account, ...otherAccounts].map((name) => `\`${name}\``).join(', ')}. An address is https, or http on this computer.`,
    table(accountRows, `providers.${account}.`),
    '## Every provider credential',
    'Each entry of every list below can have these keys.',
    table(common, 'gemini-api-key[].'),
    ...lists.flatMap((list) => [`## \`${list}\``, table(own(list), `${list}.`)]),
    'An entry with one of these names needs no `base-url`, and the differences of the service from OpenAI are built in: `openai-compatibility: [{name: openrouter, api-key: …}]`. The same applies to any entry whose `base-url` is at the host of one of them, except for local programs.',
    serviceTable(),
    '## Keys that change nothing',
    'Files written for CLIProxyAPI load as they are. These keys have no effect; the server lists those it finds at its start. `…[]` means every provider list.',
    ...inertSections(rows),
    '',
  ].join('\n\n');
}

/** Whether a key is one that all provider entries share, or lies below one. */
function isCommon(pattern: string, rows: readonly KeyRow[]): boolean {
  return rows.some(
    (row) =>
      COMMON.has(row.schema) &&
      /^[a-z-]+\[\]\.[a-z-]+$/.test(row.pattern) &&
      (pattern === row.pattern ||
        pattern.startsWith(`${row.pattern}.`) ||
        pattern.startsWith(`${row.pattern}[`)),
  );
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function defaultOf({ facts }: KeyRow): string {
  if (facts.default === undefined) return facts.mayBeAbsent ? 'not set' : '**required**';
  if (typeof facts.default === 'object') return facts.expects.startsWith('a list') ? 'none' : '';
  return `\`${facts.default === '' ? '""' : String(facts.default)}\``;
}

const WITHOUT_EFFECT = new Set(INERT_KEYS.map(({ key }) => key));

function meaningOf(pattern: string, description: string): string {
  return WITHOUT_EFFECT.has(pattern) ? `${description} *(without effect yet)*` : description;
}

function table(rows: readonly KeyRow[], cut = ''): string {
  const lines = rows.map(({ pattern, facts }, index) => {
    const key = pattern.slice(cut.length);
    const isGroup = rows[index + 1]?.pattern.startsWith(`${pattern}.`) === true;
    const type = isGroup ? '' : facts.expects;
    return `| \`${key}\` | ${cell(type)} | ${isGroup ? '' : defaultOf({ pattern, facts, schema: facts.inner })} | ${cell(meaningOf(pattern, facts.description))} |`;
  });
  return ['| key | value | default | meaning |', '|---|---|---|---|', ...lines].join('\n');
}

function serviceTable(): string {
  const rows = Object.entries(services).map(
    ([name, { title, baseUrl, otherNames = [], keyless, notes = '' }]) => {
      const names = [name, ...otherNames].map((one) => `\`${one}\``).join(', ');
      const where = baseUrl === undefined ? '**required**' : `\`${baseUrl}\``;
      return `| ${names} | ${title} | ${where} | ${keyless ? 'none' : 'yes'} | ${cell(notes)} |`;
    },
  );
  return ['| name | service | `base-url` | key | notes |', '|---|---|---|---|---|', ...rows].join('\n');
}

function inertSections(rows: readonly KeyRow[]): string[] {
  const described = new Set(rows.map(({ pattern }) => pattern));
  const of = (reason: InertKey['reason']) =>
    INERT_KEYS.filter((row) => row.reason === reason && !described.has(row.key));
  return [
    `**Not supported yet:** ${listed(of('not-yet'))}.`,
    `**Not supported by design**, because this gateway disguises neither itself nor its models: ${listed(of('by-design'))}.`,
    `**Not existing here:** ${of('obsolete')
      .map(({ key, instead }) => `\`${key}\` (${instead ?? 'remove it'})`)
      .join(', ')}.`,
  ];
}

/** Keys in one line; those that every provider list has are named once. */
function listed(keys: readonly InertKey[]): string {
  const shared = (suffix: string) =>
    keys.filter(({ key }) => suffix && withoutList(key) === suffix).length > 1;
  const names = keys.map(({ key }) => (shared(withoutList(key)) ? `…${withoutList(key)}` : key));
  return [...new Set(names)].map((name) => `\`${name}\``).join(', ');
}

function withoutList(key: string): string {
  return PROVIDER_LIST.test(key) ? key.replace(PROVIDER_LIST, '[]') : '';
}

const MODEL_ROUTES = `Each key is a model name that clients use, or a pattern with \`*\`; its value is a model, a list of models in the order in which they are
tried, or the keys of this table. An entry of a list is a name or \`{model, effort, max-output-tokens, timeouts}\`. \`timeouts\` has the keys of
the general \`timeouts\`. [routing.md](routing.md#models-by-name) explains how they work.

\`\`\`yaml
model-routes:
  fast: gemini-3-flash
  smart: [claude-opus-5, "gpt-5.6(high)", gemini-3.1-pro]
  claude-haiku-*: fast
  coder:
    models:
      - smart
      - {model: fast, max-output-tokens: 16000}
    rules:
      - when: {long-context: 200000}
        models: gemini-3.1-pro
      - when: [images, thinking]
        models: claude-opus-5
        effort: max
\`\`\``;

const INTRODUCTION = `# Configuration

<!-- Made from src/config/schema.ts by \`npm run docs\`. Edit the schema, not this file. -->

Every command reads the same file: the one that \`--config\` names, else the one in the environment variable
\`CLI_PROXY_API_CONFIG\`, else \`config.yaml\` in the current directory, else \`config.yaml\` in the program's home. The home is
\`~/.cli-proxy-api\`, or the directory in \`CLI_PROXY_API_HOME\`; accounts are kept there, too, unless \`auth-dir\` names
another place. If there is no file, the first start writes one into the home; in a checkout, beside the program.

\`cli-proxy-api config check\` says what is wrong with a file: every mistake at once, each with
its line and what to write instead. The server does not start on a file with mistakes.

[Recipes](recipes.md) are whole files for what people want most; this is the reference.

**Changes** are taken over when the file is saved, without dropping a request or a line of the log; only \`host\`,
\`port\` and \`tls\` wait for the next start. A broken edit is reported and leaves the running configuration as it is.

**Changes by the program**: what the management API changes is changed in the file: only the lines of that setting, so that
comments, order and \`\${NAME}\` stay. The result is checked first; the last 20 versions are kept in the \`auth-dir\`
(\`cli-proxy-api config history\`, \`config restore\`). A file that cannot be replaced, as one mounted alone into a container,
is written in place.

**Environment**: inside a text, \`\${NAME}\` is the environment variable \`NAME\`, and \`\${NAME:-value}\` gives a default for
one that is unset or empty. \`$\${\` is a literal \`\${\`. Inside \`[…]\` and \`{…}\` put such a text in quotes.

**Units**: a span of time is written \`30s\`, \`5m\`, \`1h30m\` or as plain seconds; an amount of bytes \`64MiB\`, \`10MB\` or as
plain bytes. A path may begin with \`~\`; a relative one starts at the directory of the file.

**Safety**: without any client key the server listens to this computer only, and refuses any other \`host\`.

\`\`\`yaml
api-keys:
  - sk-long-and-random
  - key: \${ALICE_KEY}
    name: alice
gemini-api-key:
  - api-key: \${GEMINI_API_KEY}
    prefix: personal
    models:
      - name: gemini-2.5-flash
        alias: gemini-flash
    excluded-models: ["gemini-2.5-pro", "*-preview"]
openai-compatibility:
  - name: openrouter
    api-key: \${OPENROUTER_API_KEY}
    models:
      - name: anthropic/claude-sonnet-4.5
        alias: claude-sonnet
\`\`\``;
