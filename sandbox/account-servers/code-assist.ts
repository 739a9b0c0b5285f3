/** Code Assist: which project an account works with, and how it gets one (`v1internal:loadCodeAssist`, `:onboardUser`). */

import { jsonAnswer } from '../delivery.ts';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { asObject, asString } from '../json-members.ts';
import { type AccountCall, type AccountDeps, statusFault } from './account-deps.ts';
import { strike } from './account-faults.ts';
import type { Person } from './people.ts';
import { googleRefusal } from './refusals.ts';

const tiers = {
  'free-tier': {
    id: 'free-tier',
    name: 'Gemini Code Assist for individuals',
    description: 'Free of charge',
    userDefinedCloudaicompanionProject: false,
  },
  'standard-tier': {
    id: 'standard-tier',
    name: 'Gemini Code Assist',
    description: 'With a project of one’s own',
    userDefinedCloudaicompanionProject: true,
  },
} as const;

/** The project that this person's requests are made for; undefined before onboarding. */
function workingProject({ name, deps }: AccountCall, person: Person): string | undefined {
  return deps.ledger.onboarded.get(`${name} ${person.id}`) ?? person.google.known;
}

/** Whether the person may make requests for the project. */
export function owns(person: Person, project: string): boolean {
  return (
    project === person.google.assigned ||
    person.google.projects.some(({ projectId }) => projectId === project)
  );
}

/** Whether the API is on in the project. */
export function isEnabled(deps: AccountDeps, person: Person, project: string): boolean {
  const found = person.google.projects.find(({ projectId }) => projectId === project);
  return found?.enabled !== false || deps.ledger.enabled.has(project);
}

/** Nobody may use a project that is not theirs. */
export function foreignProject(project: string): Response {
  return googleRefusal(403, 'PERMISSION_DENIED', `Permission denied on resource project ${project}.`, [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'CONSUMER_INVALID',
      domain: 'googleapis.com',
      metadata: { consumer: `projects/${project}`, service: 'cloudaicompanion.googleapis.com' },
    },
  ]);
}

export async function bodyOf({ request }: AccountCall): Promise<JsonObject | Response> {
  const body = parseJson(await request.text());
  return isObject(body) ? body : googleRefusal(400, 'INVALID_ARGUMENT', 'The body is not a JSON object.');
}

/** Antigravity's newer clients write snake case. */
function metadataProblem({ name }: AccountCall, body: JsonObject): Response | undefined {
  const metadata = asObject(body.metadata);
  const ide = asString(metadata?.ideType ?? metadata?.ide_type);
  const wanted = name === 'antigravity' ? 'ANTIGRAVITY' : 'IDE_UNSPECIFIED';
  return ide === wanted
    ? undefined
    : googleRefusal(400, 'INVALID_ARGUMENT', `metadata.ideType must be ${wanted}, not '${ide ?? ''}'.`);
}

function validation(call: AccountCall, person: Person): Response | undefined {
  const fault = strike(call.deps.faults, ['onboarding'], call.name, person.id, ['validation-required']);
  if (fault === undefined) return undefined;
  return googleRefusal(403, 'PERMISSION_DENIED', 'Verify your account to continue.', [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'VALIDATION_REQUIRED',
      domain: 'cloudcode-pa.googleapis.com',
      metadata: {
        validation_url: `${call.root}/verify`,
        validation_error_message: 'Verify your account to continue.',
      },
    },
  ]);
}

/** What a client that is to be let in sends, or why it is not. */
async function onboardingBody(call: AccountCall, person: Person): Promise<JsonObject | Response> {
  const body = await bodyOf(call);
  if (body instanceof Response) return body;
  return (
    statusFault(call, 'onboarding', person.id) ??
    metadataProblem(call, body) ??
    validation(call, person) ??
    body
  );
}

export async function loadCodeAssist(call: AccountCall, person: Person): Promise<Response> {
  const body = await onboardingBody(call, person);
  if (body instanceof Response) return body;
  const chosen = asString(body.cloudaicompanionProject);
  if (chosen !== undefined && !owns(person, chosen)) return foreignProject(chosen);
  const project = workingProject(call, person);
  const free = person.google.tier === 'free-tier';
  return jsonAnswer({
    ...(project === undefined ? {} : { currentTier: tiers[person.google.tier] }),
    allowedTiers: [
      { ...tiers['free-tier'], isDefault: free },
      { ...tiers['standard-tier'], isDefault: !free },
    ],
    ...(project === undefined ? {} : { cloudaicompanionProject: free ? project : (chosen ?? project) }),
  });
}

/** A long-running operation; free accounts get a project of their own whatever they ask for. */
export async function onboardUser(call: AccountCall, person: Person): Promise<Response> {
  const body = await onboardingBody(call, person);
  if (body instanceof Response) return body;
  const tier = asString(body.tierId ?? body.tier_id);
  if (tier === undefined) return googleRefusal(400, 'INVALID_ARGUMENT', 'tierId is missing.');
  if (tier !== 'free-tier' && tier !== 'standard-tier' && tier !== 'legacy-tier')
    return googleRefusal(400, 'INVALID_ARGUMENT', `There is no tier '${tier}'.`);
  const chosen = asString(body.cloudaicompanionProject ?? body.cloudaicompanion_project);
  if (chosen !== undefined && !owns(person, chosen)) return foreignProject(chosen);
  const name = `operations/onboard-${person.id}`;
  if (strike(call.deps.faults, ['onboarding'], call.name, person.id, ['pending']) !== undefined)
    return jsonAnswer({ name, done: false });
  const { google } = person;
  const project = google.tier === 'free-tier' ? google.assigned : (chosen ?? google.assigned);
  call.deps.ledger.onboarded.set(`${call.name} ${person.id}`, project);
  return jsonAnswer({
    name,
    done: true,
    response: {
      '@type': 'type.googleapis.com/google.internal.cloud.code.v1internal.OnboardUserResponse',
      cloudaicompanionProject: { id: project, name: project },
    },
  });
}

/** What Antigravity had for its accounts in November 2026, helpers of the editor among it. */
const available: Readonly<Record<string, JsonObject>> = {
  'claude-opus-4-6-thinking': { displayName: 'Claude Opus 4.6 (Thinking)', maxOutputTokens: 64_000 },
  'claude-sonnet-4-6': { displayName: 'Claude Sonnet 4.6 (Thinking)', maxOutputTokens: 64_000 },
  'gemini-3.8-flash-high': { displayName: 'Gemini 3.8 Flash', maxOutputTokens: 65_536 },
  'gemini-3-flash': { displayName: 'Gemini 3 Flash', maxOutputTokens: 65_536 },
  'gemini-pro-agent': { displayName: 'Gemini 3.1 Pro (High)', maxOutputTokens: 65_535 },
  'gpt-oss-120b-medium': { displayName: 'GPT-OSS 120B (Medium)', maxOutputTokens: 32_768 },
  tab_flash_lite_preview: { isInternal: true },
  chat_20706: { isInternal: true },
};

/** The models of an account, by name. Gemini CLI has no such address. */
export async function fetchAvailableModels(call: AccountCall, person: Person): Promise<Response> {
  if (call.name !== 'antigravity') return googleRefusal(404, 'NOT_FOUND', 'Method not found.');
  const body = await bodyOf(call);
  if (body instanceof Response) return body;
  const project = asString(body.project);
  if (project !== undefined && !owns(person, project)) return foreignProject(project);
  const quotaInfo = { remainingFraction: 1 };
  return jsonAnswer({
    models: Object.fromEntries(
      Object.entries(available).map(([name, facts]) => [name, { model: name, quotaInfo, ...facts }]),
    ),
    defaultAgentModelId: 'gemini-pro-agent',
  });
}
