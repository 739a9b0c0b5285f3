/** All targets. */
import type { Target } from './target.ts';
import { answerTargets } from './targets/answers.ts';
import { fileTargets } from './targets/files.ts';
import { requestTargets } from './targets/requests.ts';
import { scannerTargets } from './targets/scanners.ts';
import { streamTargets } from './targets/streams.ts';

export const targets: readonly Target[] = [
  ...requestTargets,
  ...answerTargets,
  ...streamTargets,
  ...scannerTargets,
  ...fileTargets,
];
