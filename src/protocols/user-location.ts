/** Where the user of a web search is: all providers say it in the same four words, somewhere. */
import { asString, isObject, type Json } from './json.ts';
import type { HostedTool } from './model.ts';

/** The place that an object names; undefined for anything else. */
export function userLocation(value: Json | undefined): HostedTool['userLocation'] {
  if (!isObject(value)) return undefined;
  const place: HostedTool['userLocation'] = {};
  for (const word of ['city', 'region', 'country', 'timezone'] as const) {
    const said = asString(value[word]);
    if (said !== undefined) place[word] = said;
  }
  return place;
}
