/** What the person does while a login waits: opens the printed address, or confirms the printed code. */
import { type AccountKind, accountProviders } from '../../src/providers/registry.ts';
import type { Running } from '../cli/program.ts';
import type { Household } from './household.ts';

/** The address that a login prints. */
export async function printedAddress(login: Running): Promise<string> {
  const [, address = ''] = await login.says(/^ {2}(http:\/\/\S+)\n/m);
  return address;
}

/** The code for another device that a login prints. */
export async function printedCode(login: Running): Promise<string> {
  const [, code = ''] = await login.says(/^ {2}([A-Z]{4}-[A-Z]{4})\n/m);
  return code;
}

/** Opens the address as a browser of this person's would, up to the page that ends the login. */
export async function agree(
  address: string,
  person = 'ada',
  answer: 'allow' | 'deny' = 'allow',
): Promise<Response> {
  return fetch(`${address}&sandbox_person=${person}&sandbox_answer=${answer}`);
}

/** The header that a browser sends to the sandbox's iFlow once this person is signed in there. */
export async function browserCookie(home: Household, person = 'ada'): Promise<string> {
  const page = await fetch(`${home.recorder.url}/accounts/iflow/platform?sandbox_person=${person}`);
  const [, header = ''] = /<code>Cookie: (.*?)<\/code>/.exec(await page.text()) ?? [];
  return header;
}

/** The whole login of a provider; gives the process, ended. */
export async function signIn(
  home: Household,
  name: AccountKind,
  ...args: string[]
): Promise<Running & { code: number }> {
  const login = home.start(['auth', name, '--no-browser', ...args]);
  if (accountProviders[name].signIn[0] === 'browser' && !args.includes('--device')) {
    await agree(await printedAddress(login));
  } else if (!home.sandbox.accounts.decideDevice(await printedCode(login), 'ada')) {
    throw new Error(`no device waits:\n${login.output()}`);
  }
  return { ...login, code: await login.exited };
}
