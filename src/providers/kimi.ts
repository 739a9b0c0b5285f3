import { randomUUID } from 'node:crypto';
import { arch, hostname, type } from 'node:os';
import { version } from '../../package.json';
import type { OAuthClient } from '../oauth/client.ts';
import { publicClient } from '../oauth/client.ts';
import { idTokenClaims } from '../oauth/id-token.ts';
import { isObject, type Json, type JsonObject } from '../protocols/json.ts';
import { asArray, asNumber, asObject, asObjects, asString } from '../protocols/json-members.ts';
import type { AccountAddresses, AccountApi, AccountFacts, AccountProvider } from './account-provider.ts';
import { ownProgramsOnly } from './account-refusals.ts';
import { knownFacts } from './known-facts.ts';
import { openaiCompatible } from './openai.ts';
import { type AdaptedCall, endpointUrl, listedIds, type Provider } from './provider.ts';
import { countOf, type ReportedWindow, readWindows, share, timeOf } from './quota-report.ts';
import type { ProviderRecord } from './record.ts';

const deviceIdHeader = 'x-msh-device-id';

/** Kimi identifies the device; the data sent is true. RFC 9110 §5.5: header values are ASCII. */
function kimiHeaders(deviceId: string): Record<string, string> {
  return {
    'x-msh-platform': 'cli-proxy-api',
    'x-msh-version': version,
    'x-msh-device-name': hostname().replace(/[^\x21-\x7e]/g, '-') || 'unknown',
    'x-msh-device-model': `${type()} ${arch()}`,
    [deviceIdHeader]: deviceId,
  };
}

/** A login makes a device id; later calls for the account repeat it. */
function clientFor(client: OAuthClient, { deviceId }: AccountFacts): OAuthClient {
  return { ...client, headers: { ...client.headers, ...kimiHeaders(deviceId ?? randomUUID()) } };
}

/** Kimi for coding, in its OpenAI form. Source: protocol.md §5, row "kimi". */
const kimiApi: Provider = {
  ...openaiCompatible,
  name: 'kimi',
  title: 'Kimi',
  endpoints: { generate: () => '/v1/chat/completions' },
  streamUsage: true,
  offers: { path: '/v1/models', names: listedIds },
  families: ['kimi-*'],
  models: [
    'kimi-for-coding',
    'kimi-for-coding-highspeed',
    'kimi-k3',
    'kimi-k2.7-code',
    'kimi-k2.6',
    'kimi-k2.5',
    'kimi-k2-thinking',
    'kimi-k2',
  ],
  adapt: adaptKimi,
  refusals: [
    ownProgramsOnly(
      [403],
      /only available for (?:Coding Agents|Kimi)/i,
      'an entry under openai-compatibility',
    ),
  ],
  signIn: 'cli-proxy-api auth kimi',
  quotaReport: { url: (baseUrl) => endpointUrl(baseUrl, '/v1/usages'), windows: reportedWindows },
};

/** `{usage: {limit, remaining, resetTime}, limits: [{window: {duration, timeUnit}, detail}]}`, numbers as texts. Source: MoonshotAI/kimi-cli, `/usage`. */
function reportedWindows(answer: Json): readonly ReportedWindow[] {
  const report = asObject(answer);
  const shorter = asObjects(asArray(report?.limits ?? [])).flatMap(({ window, detail }) => {
    const { duration, timeUnit } = asObject(window) ?? {};
    const unit = /(MINUTE|HOUR|DAY)/.exec(asString(timeUnit) ?? '')?.[1];
    const minutes = (asNumber(duration) ?? 0) * (unit === 'DAY' ? 1440 : unit === 'HOUR' ? 60 : 1);
    if (unit === undefined || minutes <= 0) return [];
    const name = minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
    return [{ name, length: minutes * 60_000, ...leftOf(detail) }];
  });
  return readWindows([{ name: 'plan', ...leftOf(report?.usage) }, ...shorter]);
}

function leftOf(value: Json | undefined) {
  const { limit, remaining, used, resetTime } = asObject(value) ?? {};
  const [all, left, spent] = [countOf(limit), countOf(remaining), countOf(used)];
  const rest = left ?? (all === undefined || spent === undefined ? undefined : all - spent);
  return {
    left: all === undefined || all <= 0 || rest === undefined ? undefined : share(rest / all),
    resetsAt: timeOf(resetTime),
  };
}

/** The same models as Claude Code is pointed at them. Source: the same row. */
const kimiMessages: Provider = {
  ...kimiApi,
  protocol: 'anthropic-messages',
  endpoints: { generate: () => '/v1/messages' },
  forwards: ['anthropic-version', 'anthropic-beta'],
  adapt: withBareName,
};

/** `deviceHeaders` are those that the login was made with. */
function kimiApis(
  { baseUrl }: AccountAddresses,
  deviceHeaders: Readonly<Record<string, string>>,
): AccountApi[] {
  const messages = { ...kimiMessages, headers: { ...deviceHeaders, 'anthropic-version': '2023-06-01' } };
  const provider = { ...kimiApi, headers: deviceHeaders, also: [messages] };
  return [{ provider, baseUrl, suffix: undefined }];
}

/** The service knows its models without the maker's name; those of the coding plan are called as a whole. */
function withBareName(body: JsonObject): JsonObject {
  const model = asString(body.model);
  const bare = model?.replace(/^kimi-(?=k\d)/, '');
  return bare === model ? body : { ...body, model: bare };
}

function adaptKimi(body: JsonObject, call: AdaptedCall): JsonObject {
  const named = withBareName(body);
  const messages = adaptMessages(body.messages, call);
  return messages === body.messages ? named : { ...named, messages };
}

/** A placeholder for required reasoning that is no longer known; the service refuses an empty text. */
const unknownThought = '(these thoughts were not kept)';

/** A thinking model must find its thoughts beside each of its calls; empty turns of its own are refused. */
function adaptMessages(messages: Json | undefined, { report }: AdaptedCall): Json | undefined {
  if (!Array.isArray(messages)) return messages;
  let changed = false;
  let thought = unknownThought;
  let unanswered: string[] = [];
  const adapted = messages.flatMap((message): Json[] => {
    if (!isObject(message)) return [message];
    if (message.role === 'assistant') {
      const calls = asArray(message.tool_calls);
      const own = asString(message.reasoning_content);
      if (own !== undefined && own !== '') thought = own;
      unanswered = calls.flatMap((call) => asString(asObject(call)?.id) ?? []);
      if (calls.length === 0 && isEmpty(message.content) && own === undefined) {
        changed = true;
        return [];
      }
      if (calls.length === 0 || own !== undefined) return [message];
      changed = true;
      report(
        'approximated',
        'messages.reasoning_content',
        'thoughts that the client did not return are replaced by the last known ones',
      );
      return [{ ...message, reasoning_content: thought }];
    }
    if (message.role !== 'tool') return [message];
    const id = asString(message.tool_call_id) || unanswered[0];
    unanswered = unanswered.filter((call) => call !== id);
    if (id === undefined || id === message.tool_call_id) return [message];
    changed = true;
    return [{ ...message, tool_call_id: id }];
  });
  return changed ? adapted : messages;
}

function isEmpty(content: Json | undefined): boolean {
  return content === undefined || content === null || content === '' || asArray(content).length === 0;
}

/** Kimi for coding through an account at kimi.com. */
const account: AccountProvider = {
  name: 'kimi',
  title: 'Kimi',
  account: 'a Kimi account with Kimi for Coding',
  files: { names: ['moonshot'], issuer: 'https://auth.kimi.com' },
  peerFlags: { 'kimi-login': [] },
  oauth: {
    ...publicClient,
    title: 'Kimi',
    tokenUrl: 'https://auth.kimi.com/api/oauth/token',
    deviceAuthorizationUrl: 'https://auth.kimi.com/api/oauth/device_authorization',
    clientId: '17e5f671-d194-4dfb-9706-5516cb48c098',
    deadRefreshStatuses: [401, 403],
  },
  clientFor,
  signIn: ['device'],
  baseUrl: 'https://api.kimi.com/coding',
  refreshLead: 5 * 60_000,
  identify: async (tokens, client) => {
    const claims = idTokenClaims(tokens.accessToken);
    return {
      ok: true,
      facts: knownFacts({
        accountId: asString(claims?.user_id) ?? asString(claims?.sub),
        deviceId: client.headers[deviceIdHeader],
      }),
    };
  },
  factsFromReply: () => ({}),
  identifiesOnRefresh: false,
  identity: (facts) => facts.accountId ?? facts.deviceId,
  apis: (facts, addresses) => kimiApis(addresses, kimiHeaders(facts.deviceId ?? randomUUID())),
};

export const kimi = {
  account,
  genaiName: 'moonshot_ai',
  maker: { name: 'moonshot', prices: 'moonshotai', models: /^(?:kimi-|moonshot-)/ },
} satisfies ProviderRecord;
