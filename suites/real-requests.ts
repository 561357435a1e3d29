import type { Suite } from '../core/requirement.js';
import { textArrives } from './judging/repeated-text.js';

/** Requests with what real ones have and short examples lack: their text, their size, the way they travel, their combinations. */
export const realRequests: Suite = {
  name: 'real-requests',
  title: 'requests as real clients send them: text, size, transfer, combinations',
  requirements: [
    {
      id: 'http.text.unchanged',
      level: 'MUST',
      profile: 'core',
      statement:
        'The server passes line breaks, tabs, quotes, backslashes and angle brackets to the model and back unchanged.',
      source: ['X', 'CC:sent'],
      fixtures: ['echo-layout'],
      judge: textArrives,
    },
  ],
};
