/** A problem of a file as a command writes it. */
import { type ConfigProblem, type ConfigWarning, formatProblem } from '../config/problem.ts';
import { shortened } from '../ground/shortened.ts';
import { printable } from '../telemetry/printable.ts';

/** The problem, its texts already short, as {@link formatProblem} has it; what it repeats of the file and of its name stays within its line. */
export function problemText(problem: ConfigProblem | ConfigWarning): string {
  const { file, key, message } = problem;
  return formatProblem({
    ...problem,
    file: printable(shortened(file)),
    key: printable(key),
    message: printable(message),
  });
}
