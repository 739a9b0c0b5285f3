/** Rules of `payload` that come to nothing: they are left out, as the peer leaves them out. */
import { parseJson } from '../protocols/json.ts';
import type { PayloadConfig } from './payload-keys.ts';
import { type ConfigWarning, dottedPath, type PathSegment } from './problem.ts';
import type { YamlDocument } from './yaml-document.ts';

export function payloadWarnings(
  payload: PayloadConfig,
  file: string,
  document: YamlDocument,
): ConfigWarning[] {
  const warnings: ConfigWarning[] = [];
  const warn = (path: PathSegment[], message: string): void => {
    warnings.push({ file, ...document.position(path, 'key'), key: dottedPath(path), message });
  };
  for (const kind of ['default', 'default-raw', 'override', 'override-raw', 'filter'] as const)
    for (const [index, { models, params }] of payload[kind].entries()) {
      const rule = ['payload', kind, index];
      if (!models.some(({ name }) => name !== undefined))
        warn([...rule, 'models'], 'has no model, so the rule matches no request');
      if (!kind.endsWith('-raw') || Array.isArray(params)) continue;
      for (const [path, text] of Object.entries(params))
        if (typeof text === 'string' && parseJson(text) === undefined)
          warn([...rule, 'params', path], 'is no JSON text, so it is left out');
    }
  return warnings;
}
