/** Embeddings between two protocols: what is asked for, and the vectors that come back, in no protocol's words. */
import { isObject, type Json, type JsonObject } from './json.ts';

interface EmbeddingRequest {
  texts: readonly string[];
  dimensions: number | undefined;
}

export interface Embeddings {
  vectors: readonly number[][];
  /** Tokens of the texts; undefined where the provider did not count. */
  tokens: number | undefined;
}

/** How one protocol asks for embeddings. Protocols that share the form share the object. */
export interface EmbeddingForm {
  /** Reads a client's request. Throws {@link InvalidRequest} for what is no text. */
  readRequest(body: JsonObject): EmbeddingRequest;
  /** A provider's request for several texts. */
  writeRequest(asked: EmbeddingRequest, model: string): JsonObject;
  readAnswer(body: JsonObject): Embeddings;
  /** Whether a body has vectors; a look at its form. */
  holdsVectors(body: JsonObject): boolean;
  /** Members of which an answer has one, at its top. */
  readonly answerMembers: readonly string[];
  /** The answer to the client whose request had this body; `single`: it asked for one content alone. */
  writeAnswer(answer: Embeddings, asked: { body: JsonObject; model: string; single: boolean }): JsonObject;
}

/** Whether this is a vector by its form: numbers, their bytes in base64, or several of these by their type. Which numbers, its reader sees. */
export function isVector(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === 'string' ? value !== '' : isObject(value) && Object.keys(value).length > 0;
}

/** The numbers of a list that should hold nothing else; the very same list where it does. There may be millions of them. */
export function numbersIn(value: Json | undefined): number[] {
  if (!Array.isArray(value)) return [];
  return value.every((one) => typeof one === 'number')
    ? value
    : value.filter((one) => typeof one === 'number');
}
