/**
 * OTLP traces in JSON as their published schema has them: opentelemetry-proto 1.x, `trace/v1/trace.proto` and
 * `common/v1/common.proto`, with the rules for JSON (ids in hexadecimal, 64-bit numbers as text, enums as numbers).
 */
import { z } from 'zod';

const nanoseconds = z.string().regex(/^\d{18,20}$/);
const value = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ boolValue: z.boolean() }),
  z.strictObject({ intValue: z.union([z.number().int(), z.string().regex(/^-?\d+$/)]) }),
  z.strictObject({ doubleValue: z.number() }),
]);
const attributes = z.array(z.strictObject({ key: z.string().min(1), value }));
const dropped = z.number().int().min(0).optional();

const span = z.strictObject({
  traceId: z.string().regex(/^(?!0{32})[0-9a-f]{32}$/),
  spanId: z.string().regex(/^(?!0{16})[0-9a-f]{16}$/),
  parentSpanId: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
  traceState: z.string().optional(),
  flags: z.number().int().optional(),
  name: z.string().min(1),
  kind: z.number().int().min(1).max(5),
  startTimeUnixNano: nanoseconds,
  endTimeUnixNano: nanoseconds,
  attributes,
  droppedAttributesCount: dropped,
  events: z.array(
    z.strictObject({
      timeUnixNano: nanoseconds,
      name: z.string().min(1),
      attributes: attributes.optional(),
      droppedAttributesCount: dropped,
    }),
  ),
  droppedEventsCount: dropped,
  links: z.array(z.never()),
  droppedLinksCount: dropped,
  status: z.strictObject({ code: z.number().int().min(0).max(2), message: z.string().optional() }),
});

export const exportRequest = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes, droppedAttributesCount: dropped }),
      scopeSpans: z.array(
        z.strictObject({
          scope: z.strictObject({ name: z.string(), version: z.string().optional() }),
          spans: z.array(span),
          schemaUrl: z.string().optional(),
        }),
      ),
      schemaUrl: z.string().optional(),
    }),
  ),
});

export type OtlpSpan = z.output<typeof span>;
export type ExportRequest = z.output<typeof exportRequest>;

/** Attributes by name. */
export function attributesOf(list: z.output<typeof attributes>): Record<string, string | number | boolean> {
  return Object.fromEntries(list.map(({ key, value: found }) => [key, Object.values(found)[0] ?? '']));
}
