import { rewriteHistory } from '../alterations/requests.js';
import type { FaultFamily } from './fault.js';

/** Changes the text of messages that are a string before the model reads it. */
const rewriteText = (change: (text: string) => string) =>
  rewriteHistory((all) =>
    all.map((message) =>
      typeof message.content === 'string' ? { ...message, content: change(message.content) } : message,
    ),
  );

export const realRequestsFaults: FaultFamily = {
  name: 'real-requests',
  title: 'the text, the size and the transfer of requests as real clients send them',
  faults: [
    {
      id: 'markup-stripped',
      title: 'A filter removes everything in angle brackets from messages.',
      level: 'MUST',
      caughtBy: ['http.text.unchanged'],
      alters: rewriteText((text) => text.replace(/<\/?\w+>/g, '')),
    },
    {
      id: 'line-breaks-lost',
      title: 'The line breaks of messages reach the model as blanks.',
      level: 'MUST',
      caughtBy: ['http.text.unchanged'],
      alters: rewriteText((text) => text.replaceAll('\n', ' ')),
    },
    {
      id: 'backslashes-doubled',
      title: 'The server escapes the backslashes of messages twice.',
      level: 'MUST',
      caughtBy: ['http.text.unchanged'],
      alters: rewriteText((text) => text.replaceAll('\\', '\\\\')),
    },
  ],
};
