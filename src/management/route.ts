/**
 * A route of the management API: its path, access, input, and action. The router, the
 * checks of input and the reference are made from these records.
 */
import type { z } from 'zod';
import type { ShapeName } from './answer-shapes.ts';
import { BadInput } from './bad-input.ts';
import { type BodyKind, readBody } from './body.ts';
import { checkedInput } from './checked-input.ts';
import type { Refusals } from './error-codes.ts';
import type { Reply } from './reply.ts';

export type Method = 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';

/** Who asks, and from where: the name of the key that let him in, never the key. */
export interface Caller {
  /** `replica`: another one of the cluster, for somebody whom it has let in. */
  key: 'secret-key' | 'MANAGEMENT_PASSWORD' | '-password' | 'control socket' | 'console' | 'replica' | 'none';
  /** The socket's address; undefined over the control socket. */
  address: string | undefined;
}

/** The names that a path pattern gives: `plugins/:id/config` has `id`, `config/*path` has `path`. */
type ParameterNames<Path extends string> = Path extends `${infer First}/${infer Rest}`
  ? ParameterNames<First> | ParameterNames<Rest>
  : Path extends `:${infer Name}` | `*${infer Name}`
    ? Name
    : never;

/** A request that a route has been found for. */
export interface Asked {
  request: Request;
  /** Pieces of the path, decoded, by their names in the pattern. */
  parameters: ReadonlyMap<string, string>;
  search: URLSearchParams;
  caller: Caller;
  /** Of which API the address is: answers that differ between them do so by this. */
  api: Api;
}

export type Api = 'v0' | 'v8' | 'root';

/** What a route's `run` gets: everything checked. */
export interface Call<Name extends string, Query, Body> extends Omit<Asked, 'parameters'> {
  /** A piece of the path; of `*path` all that is left of it, with slashes. */
  parameter(name: Name): string;
  query: Query;
  body: Body;
}

/** What is in the body of an answer: JSON of a shape, JSON with one member, or what has other media types (none: no body). */
export type AnswerBody =
  | ShapeName
  | { member: string; is: ShapeName | z.ZodType }
  /** `json`: what it can be, too. `file`: it is sent with a name, to be saved. */
  | { types: readonly string[]; json?: ShapeName; file?: boolean };

/** The part of a route that people read. Paths are patterns: `:name` is one piece, `*name` the rest. */
interface Facts<Path extends string> {
  method: Method;
  /** Below `/v0/management/`. */
  v0?: Path;
  /** Below `/v8/management/`. */
  v8?: Path;
  /** From the root of the server: callbacks that providers know. */
  root?: Path;
  /** What it does, for the reference. */
  sentence: string;
  /** `anyone` needs no key. Defaults to the owner. */
  access?: 'owner' | 'anyone';
  /** Whether each replica of a cluster has an answer of its own: `?replica=` asks another one. Only of reads without secrets. */
  perReplica?: boolean;
  /** What it answers where nothing is wrong, by status (200 without one); none where it only refuses. */
  answers: AnswerBody | Readonly<Record<number, AnswerBody>>;
  /** Headers of these answers beside those of every answer. */
  headers?: readonly AnswerHeader[];
  /** Its errors, but for those of every route: of input that does not fit, of keys, of faults. */
  refuses?: Refusals;
}

/** `ETag`: the version of the file that is read or was written, for `If-Match`. */
export type AnswerHeader = 'ETag';

/** A route as the router uses it. */
export interface Route {
  readonly method: Method;
  readonly v0: string | undefined;
  readonly v8: string | undefined;
  readonly root: string | undefined;
  readonly sentence: string;
  readonly access: 'owner' | 'anyone';
  readonly perReplica: boolean;
  readonly answers: Readonly<Record<number, AnswerBody>>;
  readonly headers: readonly AnswerHeader[];
  readonly refuses: Refusals;
  readonly query: z.ZodType | undefined;
  readonly body: BodyKind<unknown> | undefined;
  /** Reads and checks the input, and runs. Input that is no good is a reply, too. */
  answer(asked: Asked): Promise<Reply>;
}

type Run<Path extends string, Query, Body> = {
  run(call: Call<ParameterNames<Path>, Query, Body>): Reply | Promise<Reply>;
};

/** A route of the management API. `query` and `body` describe its input; invalid input never reaches `run`. */
export function route<Path extends string, Query, Body>(
  facts: Facts<Path> & Run<Path, Query, Body> & { query: z.ZodType<Query>; body: BodyKind<Body> },
): Route;
export function route<Path extends string, Query>(
  facts: Facts<Path> & Run<Path, Query, undefined> & { query: z.ZodType<Query>; body?: undefined },
): Route;
export function route<Path extends string, Body>(
  facts: Facts<Path> & Run<Path, undefined, Body> & { query?: undefined; body: BodyKind<Body> },
): Route;
export function route<Path extends string>(
  facts: Facts<Path> & Run<Path, undefined, undefined> & { query?: undefined; body?: undefined },
): Route;
export function route(
  facts: Facts<string> & { query?: z.ZodType | undefined; body?: BodyKind<unknown> | undefined } & {
    run(call: Call<string, unknown, unknown>): Reply | Promise<Reply>;
  },
): Route {
  const {
    method,
    v0,
    v8,
    root,
    sentence,
    access = 'owner',
    perReplica = false,
    headers = [],
    refuses = {},
    query,
    body,
  } = facts;
  const answers = byStatus(facts.answers);
  return {
    ...{ method, v0, v8, root, sentence, access, perReplica, answers, headers, refuses, query, body },
    async answer({ parameters, ...asked }) {
      try {
        return await facts.run({
          ...asked,
          parameter: (name) => parameters.get(name) ?? '',
          query: query && checkedInput(query, firstValues(asked.search), 'query'),
          body: body && (await readBody(asked.request, body)),
        });
      } catch (error) {
        if (error instanceof BadInput) return error.reply;
        throw error;
      }
    },
  };
}

function byStatus(answers: Facts<string>['answers']): Readonly<Record<number, AnswerBody>> {
  return typeof answers === 'string' || 'types' in answers || 'member' in answers
    ? { 200: answers }
    : answers;
}

/** A parameter that is given twice counts as it is given first. */
function firstValues(search: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...search].reverse());
}
