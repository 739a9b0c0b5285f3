/** Whose account it is, in an account file: every spelling that is read, and the one that is written. */
import { z } from 'zod';
import { idTokenClaims } from '../oauth/id-token.ts';
import { isObject, type Json, type JsonObject } from '../protocols/json.ts';
import { asString } from '../protocols/json-members.ts';
import type { AccountFacts } from '../providers/account-provider.ts';
import { knownFacts } from '../providers/known-facts.ts';
import { type AccountKind, accountProviders } from '../providers/registry.ts';
import type { FieldReader } from './field-reader.ts';

/** Names in the file, ours first. */
const SPELLINGS = {
  email: ['email'],
  accountId: ['account_id', 'account_uuid', 'chatgpt_account_id'],
  plan: ['plan', 'plan_type', 'chatgpt_plan_type'],
  organizationId: ['organization_id', 'organization_uuid'],
  organizationName: ['organization_name'],
  organizations: ['organizations'],
  projects: ['projects', 'project_id'],
  resourceUrl: ['resource_url'],
  apiKey: ['api_key'],
  cookie: ['cookie'],
  deviceId: ['device_id'],
  location: ['location'],
  serviceAccount: ['service_account'],
} as const satisfies Record<keyof AccountFacts, readonly string[]>;

const text = z.string().trim().min(1);
const projects = z
  .union([z.array(text), text.transform((list) => list.split(','))])
  .transform((list) => list.map((project) => project.trim()).filter((project) => project !== ''));
const json = z.custom<JsonObject>(isObject);

/** The facts of the file and of its id_token's claims; wrong fields are reported to the reader. */
export function readFacts(content: JsonObject, kind: AccountKind, reader: FieldReader): AccountFacts {
  const read = (fact: keyof AccountFacts) => reader.read(SPELLINGS[fact], text, 'a text');
  const provider = accountProviders[kind];
  const claims = claimsIn(content);
  const serviceAccount =
    content.type === 'service_account'
      ? content
      : reader.read(SPELLINGS.serviceAccount, json, 'the key of a service account, an object');
  if (serviceAccount) checkServiceAccount(serviceAccount, content, reader);
  const given: AccountFacts = {
    email: read('email') ?? asString(serviceAccount?.client_email) ?? asString(claims?.email),
    accountId: read('accountId'),
    plan: read('plan'),
    organizationId: read('organizationId'),
    organizationName: read('organizationName'),
    organizations: reader.read(SPELLINGS.organizations, z.array(json), 'a list of organizations'),
    projects:
      reader.read(SPELLINGS.projects, projects, 'a project, or several') ??
      projectsOf(asString(serviceAccount?.project_id)),
    resourceUrl: read('resourceUrl'),
    apiKey: read('apiKey'),
    cookie: provider.cookieSignIn === undefined ? undefined : read('cookie'),
    deviceId: read('deviceId'),
    location: read('location'),
    serviceAccount,
  };
  return { ...provider.factsInFile?.(content, claims), ...knownFacts(given) };
}

function claimsIn(content: JsonObject): JsonObject | undefined {
  const token = asString(content.id_token);
  return token ? idTokenClaims(token) : undefined;
}

const projectsOf = (project: string | undefined) => (project ? [project] : undefined);

function checkServiceAccount(key: JsonObject, content: JsonObject, { wrong }: FieldReader): void {
  for (const field of ['client_email', 'private_key']) {
    if (asString(key[field])) continue;
    wrong(key === content ? field : `service_account.${field}`, 'a text', key[field]);
  }
}

/** The facts as fields of a new file. */
export function factFields(facts: AccountFacts): JsonObject {
  const fields: JsonObject = {};
  for (const { name, value } of factsToWrite(facts)) fields[SPELLINGS[name][0]] = value;
  return fields;
}

/** Where and how to write the facts that differ from those in the file: in its own spelling where it has one. */
export function changedFactFields(
  content: JsonObject,
  known: AccountFacts,
  facts: AccountFacts,
): readonly { field: string; value: Json }[] {
  return factsToWrite(facts).flatMap(({ name, value }) => {
    if (Bun.deepEquals(known[name], facts[name])) return [];
    const spellings: readonly string[] = SPELLINGS[name];
    const field = spellings.find((spelling) => content[spelling] !== undefined) ?? SPELLINGS[name][0];
    const asList = typeof content[field] === 'string' && Array.isArray(value);
    return [{ field, value: asList ? value.join(',') : value }];
  });
}

function factsToWrite(facts: AccountFacts): { name: keyof AccountFacts; value: Json }[] {
  const all: Record<keyof AccountFacts, Json | undefined> = {
    email: facts.email,
    accountId: facts.accountId,
    plan: facts.plan,
    organizationId: facts.organizationId,
    organizationName: facts.organizationName,
    organizations: facts.organizations && [...facts.organizations],
    projects: facts.projects && [...facts.projects],
    resourceUrl: facts.resourceUrl,
    apiKey: facts.apiKey,
    cookie: facts.cookie,
    deviceId: facts.deviceId,
    location: facts.location,
    serviceAccount: facts.serviceAccount,
  };
  return factNames.flatMap((name) => {
    const value = all[name];
    return value === undefined ? [] : [{ name, value }];
  });
}

const factNames = [
  'email',
  'accountId',
  'plan',
  'organizationId',
  'organizationName',
  'organizations',
  'projects',
  'resourceUrl',
  'apiKey',
  'cookie',
  'deviceId',
  'location',
  'serviceAccount',
] as const satisfies readonly (keyof AccountFacts)[];
