/** The judging thread: a session behind a port. */

import { parentPort, workerData } from 'node:worker_threads';
import { Lines } from './line.js';
import type { Notice, Order, ThreadOptions } from './messages.js';
import { Session } from './session.js';

const options = workerData as ThreadOptions;
const port = parentPort!;
const tell = (notice: Notice): void => port.postMessage(notice);

function open(): Session | null {
  try {
    return new Session(options);
  } catch (error) {
    tell({ kind: 'refused', message: (error as Error).message });
    return null;
  }
}

const session = open();
if (session !== null) {
  const lines = new Lines({ color: options.color, quiet: options.quiet });
  const carryOut = async (order: Order): Promise<void> => {
    switch (order.kind) {
      case 'take':
        return tell({ kind: 'taken', text: lines.text(order.raw, await session.take(order.raw)) });
      case 'look': {
        const { faults } = await session.look(order.raw);
        const failed = faults.filter(({ verdict }) => verdict === 'fail');
        return tell({
          kind: 'looked',
          number: order.number,
          faults: failed.map(
            ({ id, finding }) => `${id}: ${finding.message} Expected ${finding.expected}; got ${finding.actual}`,
          ),
        });
      }
      case 'report':
        return tell({ kind: 'reported', number: order.number, report: session.report(order.unjudged) });
      case 'close':
        session.close();
        tell({ kind: 'closed', number: order.number });
        port.close();
    }
  };
  // One after the other: the order of the record and of the lines is the order in which exchanges ended.
  let last: Promise<void> = Promise.resolve();
  port.on('message', (order: Order) => {
    last = last.then(() => carryOut(order));
  });
  tell({ kind: 'ready' });
}
