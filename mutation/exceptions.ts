/** Requirements that no fault of the reference endpoint can make fail, each with the reason. */
export const WITHOUT_FAULT: Readonly<Record<string, string>> = {};

/** Faults that show once in a run, at whatever request comes then: a command for one requirement sends others. */
export const OF_ONE_MOMENT: Readonly<Record<string, string>> = {
  'retry-after-in-words': 'A rate limit that a later run need not meet.',
  'retry-after-negative': 'A rate limit that a later run need not meet.',
  'first-event-error-as-502': 'An upstream that is down for one request.',
  'overload-as-400': 'An overload that a later run need not meet.',
};
