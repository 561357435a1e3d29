/** The row about reading event streams, against the stream of the official client. */

import { interleaved, median, script } from './processes.mjs';

export const sseRows = [
  {
    id: "reading SSE / the official client's stream",
    goal: 0.8,
    atLeast: true,
    measure({ runs }) {
      const { own, client } = interleaved(
        { own: [script('sse.mjs'), 'own'], client: [script('sse.mjs'), 'client'] },
        runs,
      );
      const [here, there] = [own, client].map(({ outputs }) => median(outputs.map(Number)));
      return {
        ratio: here / there,
        note: `${(here / 1000).toFixed(0)} against ${(there / 1000).toFixed(0)} thousand events a second of CPU`,
      };
    },
  },
];
