import { ok, type Subject, skip } from './check.ts';

/** Programs that can use the gateway, and the variable by which they are led to it. */
const clients: Readonly<Record<string, string | undefined>> = {
  claude: 'ANTHROPIC_BASE_URL',
  codex: undefined,
  gemini: 'GOOGLE_GEMINI_BASE_URL',
  qwen: 'OPENAI_BASE_URL',
  opencode: undefined,
};

/** Clients on the path. */
export const clientChecks: Subject = async ({ env }) => {
  const path = env.PATH ?? '';
  const found = Object.entries(clients).filter(([name]) => Bun.which(name, { PATH: path }) !== null);
  if (found.length === 0) return [skip('clients.found', 'No client is on the path.')];
  return found.map(([name, variable]) => {
    const address = variable === undefined ? undefined : env[variable];
    return {
      ...ok(
        'clients.found',
        `${name} is here${address === undefined ? '' : `, and asks ${hostOf(address)}`}.`,
      ),
      fix: `cli-proxy-api run ${name}`,
    };
  });
};

/** Without what may stand before an @. */
function hostOf(address: string): string {
  return URL.parse(address)?.host ?? 'an address that is none';
}
