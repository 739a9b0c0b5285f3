/**
 * What one protocol calls the members of a request that limits, budgets and ownership depend on. They are read from the bytes of any
 * request by the names of all protocols together: services take members of others' beside their own, and it is for them to say which
 * one counts. Names of sizes are written as {@link folded} writes them.
 */

export interface RequestMembers {
  /** How many answers are asked for. */
  readonly answerCounts?: readonly string[];
  /** The member that holds the settings, where they are not in the request itself. */
  readonly settings?: readonly string[];
  /** Asks for an answer that is made later: what it comes to is not seen here. */
  readonly later?: readonly string[];
  /** How much to think, in tokens or in a word. */
  readonly thinking: readonly string[];
  /** Members with that setting. */
  readonly thinkingGroups: readonly string[];
  /** Lists of other models that may answer instead, each with settings of its own. */
  readonly fallbacks?: readonly string[];
  /** Where models are named beside the request's own: fallbacks, and those that tools use. */
  readonly models?: {
    /** Members of the request below which they are named. */
    readonly within: readonly string[];
    /** Members that are, or list, the names. */
    readonly names: readonly string[];
    /** Members that describe what a client's own functions take. */
    readonly described: readonly string[];
  };
  readonly files: FileMembers;
  /** What is named that its provider made for one client, by an id; absent where who serves the protocol knows each of them. */
  readonly owned?: OwnedMembers;
}

/** The places of files in a request. */
export interface FileMembers {
  /** Hold a URL, or the bytes of a file themselves. */
  readonly urls: readonly string[];
  /** Of these: hold base64 without a data URL around it, which is a file if its media type is beside it. */
  readonly bytes: readonly string[];
  /** The same, where it is a file with or without its media type beside it. */
  readonly fileBytes?: readonly string[];
  /** Beside the bytes, the media type. */
  readonly types: readonly string[];
  /** Hold text for the model, whatever it looks like: arguments, results and schemas of tools. */
  readonly free: readonly string[];
  /** The same, where they hold an object. */
  readonly freeObjects?: readonly string[];
}

/** What has an id of the provider's. Sources: the request types of the makers' SDKs. */
export interface OwnedMembers {
  /** Members that name one, in requests. */
  readonly named: readonly string[];
  /** Members of an answer whose value is the id of something made, or an object with it. */
  readonly made: readonly string[];
  /** Members of an answer whose value is an object with the id. */
  readonly madeObjects?: readonly string[];
  /**
   * The answer itself, where a later request may name it: the members of a request that say so, the `type` of an answer with an id,
   * and the member of an event that holds one.
   */
  readonly madeAnswer?: { readonly asked: readonly string[]; readonly type: string; readonly member: string };
  /** Where a header has something made, whatever the body says: its name, and what stands in it. */
  readonly askedInHeader?: { readonly name: string; readonly value: RegExp };
  /** The member with the id of a file, and the `type` of what holds one that was made: one that is only cited was there before. */
  readonly madeFiles?: { readonly member: string; readonly types: RegExp };
}
