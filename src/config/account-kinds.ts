/** Settings by kind of account: which kinds there are, and what a kind that is none was meant to be. */

import type { ConfigProblem, ConfigWarning } from './problem.ts';
import type { Config } from './schema.ts';
import { nearMiss, suggestion } from './suggestion.ts';
import type { YamlDocument } from './yaml-document.ts';

/** The maps whose keys are kinds of account. */
const byKind = ['oauth-model-alias', 'oauth-excluded-models', 'oauth-request-scoped-errors'] as const;

/** A kind by its name in the configuration: CLIProxyAPI calls Google accounts of Gemini CLI `gemini-cli`. */
export function namesOfKind(kind: string): readonly string[] {
  return kind === 'gemini' ? [kind, 'gemini-cli'] : [kind];
}

/** A problem for each slip of the pen in a kind whose models are kept away: nothing would keep them away. */
export function mistypedKindProblems(config: Config, file: string, document: YamlDocument): ConfigProblem[] {
  const map = 'oauth-excluded-models';
  const known = Object.keys(config.providers).flatMap(namesOfKind);
  return Object.keys(config[map]).flatMap((kind) => {
    const meant = known.includes(kind) ? undefined : nearMiss(kind, known);
    if (meant === undefined) return [];
    const place = { file, ...document.position([map, kind], 'key'), key: `${map}.${kind}` };
    return [{ ...place, message: 'is no kind of account', hint: `did you mean "${meant}"?` }];
  });
}

/** A warning for each setting of a kind of account that there is not. */
export function unknownKindWarnings(config: Config, file: string, document: YamlDocument): ConfigWarning[] {
  const known = Object.keys(config.providers).flatMap(namesOfKind);
  return byKind.flatMap((map) =>
    Object.keys(config[map])
      .filter((kind) => !known.includes(kind))
      .map((kind) => {
        const meant = suggestion(kind, known);
        const hint = meant === undefined ? `the kinds are ${known.join(', ')}` : `did you mean "${meant}"?`;
        return {
          file,
          ...document.position([map, kind], 'key'),
          key: `${map}.${kind}`,
          message: `is no kind of account, so it changes nothing; ${hint}`,
        };
      }),
  );
}
