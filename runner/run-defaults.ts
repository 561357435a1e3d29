import { MIN_JUDGED } from './judge/coverage.js';

/** What holds for a run that does not say otherwise, by options of `run`. */
export const RUN_DEFAULTS = {
  /** Requests in parallel. */
  concurrency: 4,
  /** Time limit of one exchange. */
  timeoutSeconds: 120,
  /** Time limit of the whole run. */
  maxDurationMinutes: 30,
  /** Share of the required checks that has to be judged, in percent. */
  minJudged: MIN_JUDGED,
} as const;
