/** All targets. */
import type { Target } from './target.ts';
import { addressTarget, stopAddresses } from './targets/addresses.ts';
import { answerTargets } from './targets/answers.ts';
import { fileTargets } from './targets/files.ts';
import { httpAnswerTarget } from './targets/http-answers.ts';
import { requestTargets } from './targets/requests.ts';
import { scannerTargets } from './targets/scanners.ts';
import { streamByteTargets } from './targets/stream-bytes.ts';
import { streamTargets } from './targets/streams.ts';

export const targets: readonly Target[] = [
  ...requestTargets,
  ...answerTargets,
  ...streamTargets,
  ...streamByteTargets,
  ...scannerTargets,
  ...fileTargets,
  httpAnswerTarget,
  addressTarget,
];

/** Ends what targets have left running. */
export const stopTargets = stopAddresses;
