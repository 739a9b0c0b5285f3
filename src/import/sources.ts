/** The programs that can be imported, in the order of the help. */
import { claudeCodeRouter } from './claude-code-router.ts';
import type { ImportSource } from './plan.ts';

export const sources: readonly ImportSource[] = [claudeCodeRouter];
