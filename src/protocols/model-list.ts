/** The model lists of the protocols: the members of a model, and how lists are paged. */
import type { JsonObject } from './json.ts';
import { badRequest, type ProtocolError } from './protocol-error.ts';

/** The data about a model. */
export interface ListedModel {
  id: string;
  displayName: string;
  /** The name of the provider that serves it. */
  owner: string | undefined;
  /** Tokens of a prompt. */
  context: number | undefined;
  /** Tokens of an answer. */
  longestAnswer: () => number | undefined;
}

export type Paged<Page> = { ok: true; page: Page } | { ok: false; error: ProtocolError };

/** How one protocol lists models. */
export interface ModelList {
  /** The page that the query asks for of all models; `about` is only asked of those on it. */
  list(
    ids: readonly string[],
    query: URLSearchParams | undefined,
    about: (id: string) => ListedModel,
  ): Paged<JsonObject>;
  one(model: ListedModel): JsonObject;
  /** Where a provider lists its models that generates at this path with the model `m`; undefined where that is not known. */
  pathFrom(generate: string): string | undefined;
}

/** {@link ModelList.pathFrom} of protocols whose calls are made at an address that ends in this. */
export function modelsInPlaceOf(end: RegExp): ModelList['pathFrom'] {
  return (generate) => generate.replace(end, '/models');
}

/** Anthropic and Google give at most as many models at a time. */
export const mostAtOnce = 1000;

/** A parameter of a query; undefined where nothing is given, not a number where it is none. */
export function wholeNumber(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined || text === '') return undefined;
  return /^-?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

/** The refusal of a parameter. */
export function refusedPage(param: string, message: string): Extract<Paged<never>, { ok: false }> {
  return { ok: false, error: badRequest(message, { param }) };
}
