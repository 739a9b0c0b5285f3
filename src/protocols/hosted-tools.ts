/** Tools that providers run: their parts that protocols share, and the message where one is missing. */
import type { LossReport } from './codec.ts';
import { isObject, type Json } from './json.ts';
import { asString } from './json-members.ts';
import type { HostedTool } from './request.ts';

/** Where the user of a web search is, in the four members that all providers share; undefined for what is no object. */
export function userLocation(value: Json | undefined): HostedTool['userLocation'] {
  if (!isObject(value)) return undefined;
  const place: HostedTool['userLocation'] = {};
  for (const word of ['city', 'region', 'country', 'timezone'] as const) {
    const said = asString(value[word]);
    if (said !== undefined) place[word] = said;
  }
  return place;
}

/** How the lack of a tool counts: an offer to search the web is one that the model may leave, and agents make it with every request. */
export function lackOf({ kind }: HostedTool): 'hint' | 'dropped' {
  return kind === 'web-search' || kind === 'web-index' ? 'hint' : 'dropped';
}

/** How much a web search brings and how fresh it is, in the words of each protocol. */
const searchSettings = [
  // platform.openai.com/docs/guides/tools-web-search
  ...['search_context_size', 'external_web_access', 'search_content_types', 'return_token_budget'],
  // ai.google.dev/gemini-api/docs/google-search
  ...['timeRangeFilter', 'dynamicRetrievalConfig'],
];

/** Reports what a web search of another protocol loses of its size and freshness. */
export function reportSearchSettings({ name, value }: HostedTool, report: LossReport): void {
  const inner = isObject(value[name]) ? value[name] : value;
  for (const field of searchSettings)
    if (inner[field] !== undefined) report('hint', `tools.${name}.${field}`);
}
