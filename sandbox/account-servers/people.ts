/** Who can sign in to the sandbox. Each stands for a kind of account that logins meet. */
import type { JsonObject } from '../json.ts';

export interface GoogleProject {
  projectId: string;
  name: string;
  /** Whether the Gemini for Google Cloud API is already switched on. */
  enabled: boolean;
}

export interface Person {
  /** What `sandbox_person` names. */
  id: string;
  name: string;
  email: string;
  /** For those who choose. */
  about: string;
  uuid: string;
  phone: string;
  /** Claude. */
  organization: { uuid: string; name: string };
  /** Codex: the workspace. */
  workspace: { accountId: string; userId: string; plan: string; organizations: JsonObject[] };
  google: {
    tier: 'free-tier' | 'standard-tier';
    projects: readonly GoogleProject[];
    /** What Code Assist already works with; undefined for those whom it does not know. */
    known: string | undefined;
    /** What onboarding gives to those who name no project, and to free accounts whatever they name. */
    assigned: string;
  };
}

const uuid = (digit: string, last: string): string =>
  `${digit.repeat(8)}-${digit.repeat(4)}-4${digit.repeat(3)}-8${digit.repeat(3)}-${last.padStart(12, '0')}`;

const adaGoogle: Person['google'] = {
  tier: 'standard-tier',
  projects: [
    { projectId: 'ada-main', name: 'Ada main', enabled: true },
    { projectId: 'ada-lab', name: 'Ada lab', enabled: true },
  ],
  known: 'ada-main',
  assigned: 'ada-main',
};

const ada: Person = {
  id: 'ada',
  name: 'Ada',
  email: 'ada@sandbox.example',
  about: 'a personal account; Google projects ada-main and ada-lab',
  uuid: uuid('a', '1'),
  phone: '+15550100001',
  organization: { uuid: uuid('a', '101'), name: 'Ada’s organization' },
  workspace: {
    accountId: uuid('a', '201'),
    userId: 'user-ada',
    plan: 'plus',
    organizations: [{ id: 'org-ada', title: 'Personal', role: 'owner', is_default: true }],
  },
  google: adaGoogle,
};

export const people: readonly Person[] = [
  ada,
  {
    ...ada,
    id: 'ada-team',
    about: 'the same e-mail as Ada in a second, team workspace and organization',
    organization: { uuid: uuid('a', '102'), name: 'Analytical Engines' },
    workspace: {
      accountId: uuid('a', '202'),
      userId: 'user-ada',
      plan: 'team',
      organizations: [
        { id: 'org-ada', title: 'Personal', role: 'owner', is_default: false },
        { id: 'org-engines', title: 'Analytical Engines', role: 'reader', is_default: true },
      ],
    },
  },
  {
    id: 'grace',
    name: 'Grace',
    email: 'grace@sandbox.example',
    about: 'a free account that Code Assist does not know yet and gives a project of its own',
    uuid: uuid('b', '1'),
    phone: '+15550100002',
    organization: { uuid: uuid('b', '101'), name: 'Grace’s organization' },
    workspace: {
      accountId: uuid('b', '201'),
      userId: 'user-grace',
      plan: 'free',
      organizations: [{ id: 'org-grace', title: 'Personal', role: 'owner', is_default: true }],
    },
    google: {
      tier: 'free-tier',
      projects: [{ projectId: 'grace-web', name: 'Grace web', enabled: true }],
      known: undefined,
      assigned: 'gen-lang-client-grace',
    },
  },
  {
    id: 'alan',
    name: 'Alan',
    email: 'alan@sandbox.example',
    about: 'two Google projects, the API switched off in alan-two; a pro plan',
    uuid: uuid('c', '1'),
    phone: '+15550100003',
    organization: { uuid: uuid('c', '101'), name: 'Alan’s organization' },
    workspace: {
      accountId: uuid('c', '201'),
      userId: 'user-alan',
      plan: 'pro',
      organizations: [{ id: 'org-alan', title: 'Personal', role: 'owner', is_default: true }],
    },
    google: {
      tier: 'standard-tier',
      projects: [
        { projectId: 'alan-one', name: 'Alan one', enabled: true },
        { projectId: 'alan-two', name: 'Alan two', enabled: false },
      ],
      known: undefined,
      assigned: 'alan-one',
    },
  },
];

/** Whom Vertex' tokens belong to. */
export const robot: Person = {
  ...ada,
  id: 'service-account',
  name: 'Service account',
  email: 'gateway@sandbox-project.iam.gserviceaccount.com',
  about: 'the sandbox’s service account',
  uuid: uuid('d', '1'),
  google: {
    tier: 'standard-tier',
    projects: [{ projectId: 'sandbox-project', name: 'Sandbox', enabled: true }],
    known: 'sandbox-project',
    assigned: 'sandbox-project',
  },
};

/** By `sandbox_person` or, as in `login_hint`, by e-mail. */
export function personCalled(name: string): Person | undefined {
  return people.find((person) => person.id === name || person.email === name);
}
