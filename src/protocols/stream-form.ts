/** What the bytes of one protocol's streams look like, as far as a stream that passes through untouched is looked at. */
import type { Json, JsonObject } from './json.ts';
import type { ProtocolError } from './protocol-error.ts';

export interface StreamForm {
  /** What a stream says while there is nothing to say; undefined where clients take no such thing. */
  readonly keepAlive: string | undefined;
  /** The names of events that matter before an answer has begun; undefined where events have no names. */
  readonly namedEvents?: {
    /** Events that only announce an answer: failures come right behind them, above all of providers that are overloaded. */
    readonly announcing: ReadonlySet<string>;
    readonly failing: ReadonlySet<string>;
  };
  /** Whether the data of an event only announces an answer, where events have no names. */
  announces?(data: string): boolean;
  /** An error in the data of an event, where events have no names. */
  readonly errorData?: RegExp;
  /** What stands in an event that says why the answer ended, or that it has: a first event that does may say nothing else. */
  readonly finishes: RegExp;
  /**
   * What a stream ends with when it is complete. Quotes inside of texts are escaped and line ends too, so that an answer that
   * talks about these events does not look like one.
   */
  readonly complete: RegExp;
  /** What it ends with when it says itself that it failed. */
  readonly failed: RegExp;
  /** The name of the event that reports an error, where it has one. */
  readonly errorEvent?: string;
  /** The data of that event, where it is not what the body of an error answer is. */
  flatError?(error: ProtocolError, sequence: Json): JsonObject;
  /** The member of an event that holds the answer, or a list of answers: beside and within it an error may stand. */
  readonly answerMember?: string;
  /** The error of a response object that an event holds, where it is not what the body of an error answer has. */
  responseError?(error: ProtocolError): JsonObject;
}
