/** Entries of `openai-compatibility` that come to nothing, for what is known of their service. */
import { serviceOf } from '../providers/registry.ts';
import { type ConfigWarning, dottedPath } from './problem.ts';
import type { Config } from './schema.ts';
import type { YamlDocument } from './yaml-document.ts';

export function serviceWarnings(config: Config, file: string, document: YamlDocument): ConfigWarning[] {
  return config['openai-compatibility'].flatMap((entry, index) => {
    const service = serviceOf(entry.name, entry['base-url']);
    if (service?.models?.length !== 0 || entry.models.length > 0 || entry.disabled) return [];
    const path = ['openai-compatibility', index];
    const message = `has no models, and ${service.title} has no model list for this key: it serves none`;
    return [{ file, ...document.position(path, 'value'), key: dottedPath(path), message }];
  });
}
