/** Requirements that no fault of the reference endpoint can make fail, each with the reason. */
export const WITHOUT_FAULT: Readonly<Record<string, string>> = {};

/** Faults whose failures the printed command of one requirement cannot show again, each with the reason. */
export const WITHOUT_COMMAND: Readonly<Record<string, string>> = {
  'retry-after-in-words': 'A rate limit of one moment, which a later run need not meet.',
  'retry-after-negative': 'A rate limit of one moment, which a later run need not meet.',
  'first-event-error-as-502': 'An upstream that is down for one request.',
  'overload-as-400': 'An overload of one moment, which a later run need not meet.',
  'version-2023-refused': 'Plain requests are rejected, so a run ends with a diagnosis and prints no command.',
  'clear-thinking-added': 'Plain requests are rejected, so a run ends with a diagnosis and prints no command.',
  'x-api-key-refused':
    'A run goes on with the other credential header; the command does the same, which a trial does not.',
  'system-as-assistant': 'Only the whole run shows that the model obeys the same words elsewhere.',
  'content-arrays-counted-as-json': 'Only the whole run shows that the model obeys the same words elsewhere.',
  'stop-sequence-never-told': 'Only the whole run shows that the model writes the stop sequence.',
};
