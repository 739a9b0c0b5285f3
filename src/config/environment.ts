/** Environment variables inside the texts of a configuration file. */

export type Environment = Readonly<Record<string, string | undefined>>;

export type Expansion =
  | { ok: true; text: string; expanded: boolean }
  | { ok: false; message: string; hint: string };

// `$${` is a literal `${`; `${…}` up to the next brace is a reference, well-formed or not.
const REFERENCE = /\$\$\{|\$\{([^}]*)(\}?)/g;
const NAME_AND_DEFAULT = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/**
 * Replaces `${NAME}` and `${NAME:-default}`; the default also replaces an empty variable, as in a shell.
 * `$Name` without braces is left alone: in headers it copies a client's header.
 */
export function expandEnvironment(text: string, environment: Environment): Expansion {
  let failure: Extract<Expansion, { ok: false }> | undefined;
  let expanded = false;
  const result = text.replace(REFERENCE, (whole, inside: string | undefined, end: string | undefined) => {
    if (whole === '$${') return '${';
    const reference = NAME_AND_DEFAULT.exec(inside ?? '');
    if (!end || !reference) {
      failure ??= {
        ok: false,
        message: 'expected a variable in "${…}"',
        hint: 'write ${NAME} or ${NAME:-default}; a literal "${" is written "$${"',
      };
      return whole;
    }
    const [, name = '', fallback] = reference;
    const value = environment[name];
    expanded = true;
    if (value !== undefined && (value !== '' || fallback === undefined)) return value;
    if (fallback !== undefined) return fallback;
    failure ??= {
      ok: false,
      message: `the environment variable ${name} is not set`,
      hint: `set it, write it into a .env beside the config, or give a default: \${${name}:-value}`,
    };
    return whole;
  });
  return failure ?? { ok: true, text: result, expanded };
}
