/** What api.anthropic.com takes from each model: the sandbox's own table, which knows nothing of the gateway's. */

type Effort = 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export interface ClaudeFacts {
  /** The first row whose pattern is found in the name counts. */
  pattern: RegExp;
  /** The largest `max_tokens`. */
  output: number;
  /** Ways of thinking that it has. */
  thinking: readonly ('enabled' | 'adaptive')[];
  /** Whether it cannot be asked not to think. */
  always?: true;
  /** Levels of `output_config.effort`; none where the parameter is refused. */
  efforts: readonly Effort[];
  /** Whether `temperature`, `top_p` and `top_k` may be set; `one` is either of the first two. */
  sampling: 'all' | 'one' | 'none';
  /** Whether a call may be demanded; absent where it may. */
  forced?: false;
  /** Whether the last message may be the assistant's. */
  prefill: boolean;
  source: string;
}

const upToHigh: readonly Effort[] = ['low', 'medium', 'high'];
const upToMax: readonly Effort[] = ['low', 'medium', 'high', 'max'];
const every: readonly Effort[] = ['low', 'medium', 'high', 'xhigh', 'max'];

/** The pages that most rows are from. */
const overview = 'https://platform.claude.com/docs/en/about-claude/models/overview';
const effortPage = 'https://platform.claude.com/docs/en/build-with-claude/effort';
const migration = 'https://platform.claude.com/docs/en/about-claude/models/migration-guide';

const rows: readonly ClaudeFacts[] = [
  {
    pattern: /claude-3-(opus|sonnet|haiku)/,
    output: 4096,
    thinking: [],
    efforts: [],
    sampling: 'all',
    prefill: true,
    source: overview,
  },
  {
    pattern: /claude-3-5/,
    output: 8192,
    thinking: [],
    efforts: [],
    sampling: 'all',
    prefill: true,
    source: overview,
  },
  {
    pattern: /claude-3-7/,
    // 64,000, and 128,000 with a beta header.
    output: 128_000,
    thinking: ['enabled'],
    efforts: [],
    sampling: 'all',
    prefill: true,
    source: overview,
  },
  {
    pattern: /claude-opus-4-1/,
    output: 32_000,
    thinking: ['enabled'],
    efforts: [],
    sampling: 'one',
    prefill: true,
    source: `${migration}: temperature or top_p, not both`,
  },
  {
    pattern: /claude-opus-4(-0|[-@]2025|$)/,
    output: 32_000,
    thinking: ['enabled'],
    efforts: [],
    sampling: 'all',
    prefill: true,
    source: overview,
  },
  {
    pattern: /claude-sonnet-4(-0|[-@]2025|$)/,
    output: 64_000,
    thinking: ['enabled'],
    efforts: [],
    sampling: 'all',
    prefill: true,
    source: overview,
  },
  {
    pattern: /claude-(sonnet|haiku)-4-5/,
    output: 64_000,
    thinking: ['enabled'],
    efforts: [],
    sampling: 'one',
    prefill: true,
    source: `${effortPage}: neither is among the models with effort; askalf/dario#273: no adaptive thinking`,
  },
  {
    pattern: /claude-opus-4-5/,
    output: 64_000,
    thinking: ['enabled'],
    efforts: upToHigh,
    sampling: 'one',
    prefill: true,
    source: `${effortPage}; anthropics/claude-code#24451: 64,000`,
  },
  {
    pattern: /claude-(opus|sonnet)-4-6/,
    output: 128_000,
    thinking: ['enabled', 'adaptive'],
    efforts: upToMax,
    sampling: 'one',
    prefill: false,
    source: `${effortPage}; withceleste/celeste-python#387: 128,000; ericc-ch/copilot-api#261: no prefill`,
  },
  {
    pattern: /claude-opus-4-[78]/,
    output: 128_000,
    thinking: ['adaptive'],
    efforts: every,
    sampling: 'none',
    prefill: false,
    source: `${migration}: sampling parameters and budgets removed; ${effortPage}`,
  },
  {
    pattern: /claude-(fable|mythos)-\d|claude-opus-5-5/,
    output: 128_000,
    thinking: ['adaptive'],
    always: true,
    efforts: every,
    sampling: 'none',
    forced: false,
    prefill: false,
    source: `${effortPage}; ${migration}: tool_choice any and tool; PrimeIntellect-ai/prime-agent#2534: disabled`,
  },
  {
    pattern: /claude-(opus|sonnet)-[5-9]/,
    output: 128_000,
    thinking: ['adaptive'],
    efforts: every,
    sampling: 'none',
    prefill: false,
    source: `${effortPage}; github/app#2574: temperature; aaronrussell/anthropix#20: adaptive only; cortexkit/magic-context#511: no prefill`,
  },
  {
    // No page lists more of it than that sampling has gone: what is not known is taken.
    pattern: /claude-haiku-[5-9]/,
    output: 128_000,
    thinking: ['enabled', 'adaptive'],
    efforts: every,
    sampling: 'none',
    prefill: true,
    source: `${migration}: sampling parameters removed`,
  },
];

/** What is known of the model; undefined for names that are not of Anthropic's. */
export function claudeFacts(model: string): ClaudeFacts | undefined {
  return rows.find(({ pattern }) => pattern.test(model));
}
