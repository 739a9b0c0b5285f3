/** The configuration file of somebody who has none yet. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../ground/error-code.ts';

/**
 * Writes a commented configuration with a fresh client key, readable by its owner only, and returns the key.
 * The file appears complete or not at all. An existing file is never overwritten: throws EEXIST.
 */
export async function writeFirstConfig(
  path: string,
  {
    authDir,
    random = randomBytes,
  }: { authDir?: string | undefined; random?: (bytes: number) => Buffer } = {},
): Promise<string> {
  const key = `sk-${random(32).toString('base64url')}`;
  const temporary = `${path}.${random(6).toString('hex')}.tmp`;
  // The directory may be the program's home, where the accounts are, too.
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(firstConfig(key, authDir));
      await file.sync();
    } finally {
      await file.close();
    }
    await publish(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  return key;
}

/** A link, unlike a rename, fails where a file exists. Some mounted file systems have none. */
async function publish(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    const code = errorCode(error) ?? '';
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) throw error;
    await copyFile(temporary, path, constants.COPYFILE_EXCL);
  }
}

/** The text of the file that {@link writeFirstConfig} writes. */
export function firstConfig(key: string, authDir = '~/.cli-proxy-api'): string {
  return `# Configuration of cli-proxy-api. Save the file and the server takes it over; no restart is needed
# except for host, port and tls. Every key is described in docs/configuration.md.

host: 127.0.0.1        # only this computer; 0.0.0.0 lets others in (they need a key from api-keys)
port: 8317

# The keys that your clients send. This one was made for you; \`openssl rand -hex 32\` makes more.
api-keys:
  - ${key}

# Where the account files of signed-in subscriptions are kept.
auth-dir: ${yamlText(authDir)}

# While there is no credential below and no account is signed in, the built-in sandbox answers, so that there is
# something to try. Without this line such a gateway answers 503.
sandbox: true

# To use a provider, remove the "# " in front of its lines and put your key in; or write \${NAME} to have it read from the environment.

# Gemini API: https://aistudio.google.com/apikey
# gemini-api-key:
#   - api-key: \${GEMINI_API_KEY}
#     prefix: personal                  # also reachable as personal/gemini-2.5-pro
#     models:                           # without this list: all models
#       - name: gemini-2.5-flash
#         alias: gemini-flash           # the name your clients use
#     excluded-models:
#       - "*-preview"

# Claude API: https://platform.claude.com
# claude-api-key:
#   - api-key: \${ANTHROPIC_API_KEY}

# OpenAI API: https://platform.openai.com
# codex-api-key:
#   - api-key: \${OPENAI_API_KEY}

# Vertex AI in express mode
# vertex-api-key:
#   - api-key: \${VERTEX_API_KEY}

# Everything else that speaks an OpenAI protocol: OpenRouter, DeepSeek, Ollama, vLLM, …
# openai-compatibility:
#   - name: openrouter
#     api-key: \${OPENROUTER_API_KEY}
#     models:
#       - name: anthropic/claude-sonnet-4.5
#         alias: claude-sonnet
#   - name: ollama
`;
}

/** A path as YAML takes it; `${` in it is no variable. */
function yamlText(path: string): string {
  return /^[\w./~-]+$/.test(path) ? path : JSON.stringify(path.replaceAll('${', '$${'));
}
