/** The projects that a Google account is asked for: named beforehand, chosen by the person, or found by Google. */
import { type Failed, failed } from '../../oauth/failure.ts';
import type { OAuthFailure } from '../../oauth/grant.ts';
import type { SignInDeps } from '../account-provider.ts';
import { type CloudProject, ensureApi, listProjects } from './cloud.ts';
import { type GoogleLogin, loadAssistance, onboard, type Patience, type Step } from './code-assist.ts';

export interface GoogleProjects {
  projects: readonly string[];
  /** The tier of the first. */
  plan: string | undefined;
}

/** Source of the pauses: the clients that these servers were made for. The limits are ours; no loop goes on for ever. */
const finding: Patience = { pause: 2000, limit: 30_000 };
const settingUp: Patience = { pause: 5000, limit: 300_000 };
const makingOne: Patience = { pause: 2000, limit: 10_000 };

/** Words for a choice that names no project. */
const all = 'ALL';
const google = 'GOOGLE_ONE';

type Choice =
  /** Google finds the project. */
  | { kind: 'found' }
  | { kind: 'named'; projects: readonly string[] }
  /** Those that refuse are left out. */
  | { kind: 'all' };

/** The value of `--project`: `ALL`, `GOOGLE_ONE`, an id, or several with commas. */
function parseProjectChoice(text: string | undefined): Choice | undefined {
  const words = (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
  if (words.length === 0) return undefined;
  if (words.some((word) => word.toUpperCase() === all)) return { kind: 'all' };
  if (words.some((word) => word.toUpperCase() === google)) return { kind: 'found' };
  return { kind: 'named', projects: [...new Set(words)] };
}

/** The projects as named, chosen or found, each set up and with its API on. */
export async function projectsSetUp(login: GoogleLogin): Promise<Step<GoogleProjects>> {
  const choice = await chooseProjects(login);
  if (!choice.ok) return choice;
  if (choice.value.kind === 'found') return setUpAll(login, [undefined], false);
  if (choice.value.kind === 'named') return setUpAll(login, choice.value.projects, false);
  const listed = await listProjects(login);
  if (!listed.ok) return listed;
  return setUpAll(
    login,
    listed.value.map(({ id }) => id),
    true,
  );
}

async function chooseProjects(login: GoogleLogin): Promise<Step<Choice>> {
  const { deps, email } = login;
  const given = parseProjectChoice(deps.project);
  if (given !== undefined) return { ok: true, value: given };
  if (deps.choose === undefined) return { ok: true, value: { kind: 'found' } };
  const listed = await listProjects(login);
  // Without rights to list projects one can still use the one that Google finds.
  if (!listed.ok) deps.progress(listed.failure.message);
  if (!listed.ok || listed.value.length === 0) return { ok: true, value: { kind: 'found' } };
  const chosen = await deps.choose(
    `Which Google Cloud project is ${email} to use?`,
    projectChoices(listed.value),
  );
  const choice = parseProjectChoice(chosen);
  if (choice !== undefined) return { ok: true, value: choice };
  return failed('cancelled', 'No project was chosen.');
}

function projectChoices(projects: readonly CloudProject[]): { value: string; label: string }[] {
  return [
    { value: google, label: 'the one that Google has for this account (free tier, Google One)' },
    ...projects.map(({ id, name }) => ({ value: id, label: name === id ? id : `${id} (${name})` })),
    ...(projects.length > 1 ? [{ value: all, label: 'all of them' }] : []),
  ];
}

/** One after the other. With `tolerant`, projects that Google refuses are left out as long as one is left. */
async function setUpAll(
  login: GoogleLogin,
  wanted: readonly (string | undefined)[],
  tolerant: boolean,
): Promise<Step<GoogleProjects>> {
  const projects = new Set<string>();
  let plan: string | undefined;
  let refused: OAuthFailure | undefined;
  for (const project of wanted) {
    const ready = await setUp(login, project);
    if (ready.ok) {
      plan ??= ready.value.tier;
      projects.add(ready.value.project);
    } else if (tolerant && ready.failure.kind === 'refused' && !ready.wholeAccount) {
      login.deps.progress(`Left out ${project}: ${ready.failure.message}`);
      refused ??= ready.failure;
    } else return ready;
  }
  if (projects.size > 0) return { ok: true, value: { projects: [...projects], plan } };
  return refused === undefined ? noProject(login.email) : { ok: false, failure: refused };
}

async function setUp(
  login: GoogleLogin,
  wanted: string | undefined,
): Promise<Step<{ project: string; tier: string }>> {
  const loaded = await loadAssistance(login, wanted);
  if (!loaded.ok) return loaded;
  const { tier, onboarded } = loaded.value;
  let asked = wanted ?? loaded.value.project;
  if (asked === undefined) {
    login.deps.progress(`Requesting a project from Google for ${login.email} …`);
    const found = await onboard(login, tier, undefined, finding);
    if (!found.ok) return found;
    asked = found.value;
  }
  if (asked === undefined) return noProject(login.email);
  // An account with a tier is set up already.
  const answered = onboarded
    ? { ok: true as const, value: loaded.value.project }
    : await onboard(login, tier, asked, settingUp);
  if (!answered.ok) return answered;
  const project = await settleProject(login.deps, asked, answered.value ?? asked, tier);
  const on = await ensureApi(login, project, wanted !== project);
  if (!on.ok) return on;
  login.deps.progress(`Project ${project} is ready (${tier}).`);
  return { ok: true, value: { project, tier } };
}

/** Google may answer with a project of its own making, which only free accounts are bound to. */
async function settleProject(
  deps: SignInDeps,
  asked: string,
  answered: string,
  tier: string,
): Promise<string> {
  if (asked === answered) return asked;
  const free = asked.startsWith('gen-lang-client-') || /free|legacy/i.test(tier);
  if (!free) {
    deps.progress(`Google answered with the project ${answered}; ${asked} is kept, as requested.`);
    return asked;
  }
  const chosen = await deps.choose?.(
    `Google answered with the project ${answered} for ${asked}. Which one?`,
    [
      { value: answered, label: `${answered} (recommended: Google made it for free accounts)` },
      { value: asked, label: asked },
    ],
  );
  if (chosen === asked) return asked;
  deps.progress(`The project is ${answered}, which Google made for the account.`);
  return answered;
}

/** The project as named, or the one that Google has, or makes; nothing is set up in it. */
export async function projectAsItIs(login: GoogleLogin): Promise<Step<GoogleProjects>> {
  const choice = parseProjectChoice(login.deps.project);
  const named = choice?.kind === 'named' ? choice.projects : [];
  const loaded = await loadAssistance(login, named[0]);
  if (!loaded.ok) return loaded;
  const { tier } = loaded.value;
  if (named.length > 0) return { ok: true, value: { projects: named, plan: tier } };
  let { project } = loaded.value;
  if (project === undefined) {
    const found = await onboard(login, tier, undefined, makingOne);
    if (!found.ok) return found;
    project = found.value;
  }
  if (project === undefined) return noProject(login.email);
  login.deps.progress(`Project ${project} is ready (${tier}).`);
  return { ok: true, value: { projects: [project], plan: tier } };
}

function noProject(email: string): Failed {
  return failed(
    'refused',
    `Google has no project for ${email}. Make one at https://console.cloud.google.com/projectcreate and name it with --project.`,
  );
}
