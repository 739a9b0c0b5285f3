/** Finished requests as JSON, on their way between replicas. */
import { z } from 'zod';
import { parseJson } from '../protocols/json.ts';
import type { UsageRecord } from './record.ts';

const named = z.object({ id: z.string(), name: z.string() });
const usage = z.object({
  tokens: z.record(z.string(), z.number()),
  counted: z.string(),
  tier: z.string().optional(),
  cost: z.object({ nano: z.number(), source: z.string() }).optional(),
});
const served = z.object({ credential: named, provider: z.string(), model: z.string(), billing: z.string() });
const shape = z.object({
  id: z.string(),
  at: z.number(),
  key: named.optional(),
  session: z.string().optional(),
  protocol: z.string(),
  operation: z.string(),
  streamed: z.boolean(),
  asked: z.string(),
  known: z.boolean(),
  served: served.optional(),
  status: z.number(),
  error: z.string().optional(),
  duration: z.number(),
  usage,
  attempts: z.array(
    served.extend({
      startedAt: z.number(),
      waited: z.number(),
      trial: z.boolean(),
      status: z.number(),
      reason: z.string(),
    }),
  ),
});

const record = z.custom<UsageRecord>((value) => shape.safeParse(value).success);

/** The record in a text; undefined where it is none, as half of one after a crash, or one of another version. */
export function recordIn(text: string): UsageRecord | undefined {
  return record.safeParse(parseJson(text)).data;
}
