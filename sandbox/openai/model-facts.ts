/** What api.openai.com takes from each model: the sandbox's own table, which knows nothing of the gateway's. */

type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export interface OpenAiFacts {
  /** The first row whose pattern is found in the name counts. */
  pattern: RegExp;
  /** The largest length of an answer, in tokens. */
  output: number;
  /** Levels of effort; none where the parameter is refused. */
  efforts: readonly Effort[];
  /** When `temperature`, `top_p`, penalties and log probabilities may be set. */
  sampling: 'always' | 'without-reasoning' | 'never';
  /** The effort of requests that name none. */
  usual: Effort;
  /** What Chat Completions refuses beside function tools: every effort but `none`, or also that none is named. */
  chatTools?: 'no-effort' | 'effort-none';
  /** Levels that Chat Completions refuses and the Responses API takes. */
  notOverChat?: readonly Effort[];
  /** Whether it takes `stop`. */
  stop: boolean;
  source: string;
}

const models = 'https://platform.openai.com/docs/models';
const reasoning = 'https://platform.openai.com/docs/guides/reasoning';
const latest = 'https://platform.openai.com/docs/guides/latest-model';
const stopPage = 'https://platform.openai.com/docs/api-reference/chat/create#chat_create-stop';

const lowToHigh: readonly Effort[] = ['low', 'medium', 'high'];
const lowToXhigh: readonly Effort[] = ['low', 'medium', 'high', 'xhigh'];
const noneToXhigh: readonly Effort[] = ['none', 'low', 'medium', 'high', 'xhigh'];
const noneToMax: readonly Effort[] = ['none', 'low', 'medium', 'high', 'xhigh', 'max'];

const thinks = { output: 128_000, sampling: 'never', usual: 'medium', stop: true } as const;
const plain = { efforts: [], sampling: 'always', usual: 'none', stop: true } as const;

const rows: readonly OpenAiFacts[] = [
  // Models of conversation, which have names of the families that reason.
  {
    ...thinks,
    pattern: /^gpt-5(\.\d)?-chat/,
    output: 16_384,
    efforts: ['medium'],
    source: `${models}; egoist/chatwise-releases#1257: 'medium' alone`,
  },
  {
    ...thinks,
    pattern: /^o1-(mini|preview)/,
    output: 65_536,
    efforts: [],
    stop: false,
    source: `${models}; recorded: stop refused by o1-mini`,
  },
  {
    ...thinks,
    pattern: /^o(1|3|4-mini)/,
    output: 100_000,
    efforts: lowToHigh,
    stop: false,
    source: `${reasoning}; ${stopPage}: not with o3 and o4-mini`,
  },
  { ...thinks, pattern: /^gpt-5-pro/, output: 272_000, efforts: ['high'], source: `${models}/gpt-5-pro` },
  {
    ...thinks,
    pattern: /^gpt-5-codex/,
    efforts: lowToHigh,
    source: `${models}/gpt-5-codex`,
  },
  {
    ...thinks,
    pattern: /^gpt-5(-(mini|nano|\d{4}).*)?$/,
    efforts: ['minimal', ...lowToHigh],
    stop: false,
    source: `${reasoning}; recorded: stop refused by gpt-5-mini`,
  },
  {
    ...thinks,
    pattern: /^gpt-5\.1-codex-max/,
    efforts: noneToXhigh,
    source: `${models}/gpt-5.1-codex-max`,
  },
  {
    ...thinks,
    pattern: /^gpt-5\.1-codex/,
    efforts: lowToHigh,
    source: `openai/codex#6647: 'none' refused`,
  },
  {
    ...thinks,
    pattern: /^gpt-5\.1/,
    efforts: ['none', ...lowToHigh],
    sampling: 'without-reasoning',
    usual: 'none',
    source: `${latest}: GPT-5.1; anomalyco/opencode#4451: 'minimal' refused`,
  },
  {
    ...thinks,
    pattern: /^gpt-5\.\d-codex/,
    efforts: lowToXhigh,
    source: `${models}/gpt-5.2-codex; OpenHands/software-agent-sdk#1837: temperature`,
  },
  {
    ...thinks,
    pattern: /^gpt-5\.\d-pro/,
    efforts: ['medium', 'high', 'xhigh'],
    source: `${models}/gpt-5.2-pro`,
  },
  {
    ...thinks,
    pattern: /^gpt-5\.[2-5]/,
    efforts: noneToXhigh,
    sampling: 'without-reasoning',
    usual: 'none',
    chatTools: 'no-effort',
    source: `${latest}: sampling only with effort none; openai/openai-openapi#541, charmbracelet/crush#2913: effort with tools`,
  },
  {
    ...thinks,
    pattern: /^gpt-6(-astra|\.[12])/,
    efforts: noneToMax.filter((effort) => effort !== 'none'),
    chatTools: 'effort-none',
    notOverChat: ['max'],
    source: `bolna-ai/bolna#1019, BerriAI/litellm-docs#1173, ${models}/gpt-6.1-sol: neither none nor minimal`,
  },
  // Names after 5.5 take no sampling in any report, and nobody reports more of them.
  {
    ...thinks,
    pattern: /^gpt-(5\.[6-9]|6)/,
    efforts: noneToMax,
    chatTools: 'effort-none',
    notOverChat: ['max'],
    source: `livekit/agents#7169: no max over Chat; ${latest}: GPT-5.6, max; BerriAI/litellm#34569: tools without an effort are refused, too`,
  },
  { ...plain, pattern: /^(chat)?gpt-4\.1/, output: 32_768, source: `${models}/gpt-4.1` },
  {
    ...plain,
    pattern: /^(chat)?gpt-4o/,
    output: 16_384,
    source: `${models}/gpt-4o; tailcallhq/forgecode#1185`,
  },
  { ...plain, pattern: /^gpt-4(-|$)/, output: 8192, source: `${models}/gpt-4` },
  { ...plain, pattern: /^gpt-3\.5/, output: 4096, source: `${models}/gpt-3.5-turbo` },
];

/** What is known of the model; undefined for names that are not of OpenAI's. */
export function openAiFacts(model: string): OpenAiFacts | undefined {
  return rows.find(({ pattern }) => pattern.test(model));
}
