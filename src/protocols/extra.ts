/** What a codec puts by beside the canonical model, and how it finds it again. */
import type { JsonObject } from './json.ts';
import type { Extra, Protocol } from './model.ts';

/** The reading and writing of one protocol's own extras; those of other protocols are as good as absent. */
export function extrasOf(protocol: Protocol) {
  return {
    /** What to put by; undefined when there is nothing. */
    toExtra(fields: JsonObject | undefined, spelling?: JsonObject): Extra | undefined {
      if (fields === undefined && spelling === undefined) return undefined;
      return { protocol, fields: fields ?? {}, ...(spelling && { spelling }) };
    },
    /** The fields that this protocol's decoder put by; undefined when the node came from elsewhere. */
    ownFields(extra: Extra | undefined): JsonObject | undefined {
      return extra?.protocol === protocol ? extra.fields : undefined;
    },
    /** How this protocol's decoder found the fields written; undefined when the node came from elsewhere. */
    ownSpelling(extra: Extra | undefined): JsonObject | undefined {
      return extra?.protocol === protocol ? extra.spelling : undefined;
    },
  };
}
