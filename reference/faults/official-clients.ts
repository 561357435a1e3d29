import { rejectWhen } from '../alterations/requests.js';
import type { FaultFamily } from './fault.js';
import { because, SENT_BACK_REFUSED } from './reasons.js';

export const officialClientsFaults: FaultFamily = {
  name: 'official-clients',
  title: 'what the official clients depend on',
  faults: [
    {
      id: 'go-fragments-on-start',
      title: 'The input in content_block_start is written with a blank, on which the Go client builds.',
      level: 'SHOULD',
      caughtBy: ['sdk.go.accumulate'],
      alsoFails: because(
        'The blank is what this requirement looks for on behalf of the Go client.',
        'stream.tool.start',
      ),
      alters: {
        frames: (frames) => frames.map((frame) => frame.replace('"input":{}', '"input":{ }')),
      },
    },
    {
      id: 'content-not-taken-back',
      title: 'The server refuses the field caller of calls that it has made itself.',
      level: 'MUST',
      caughtBy: ['sdk.replay-history'],
      alsoFails: because(SENT_BACK_REFUSED, 'think.replay', 'agent.tool-loop.stream'),
      alters: rejectWhen(
        (request) =>
          JSON.stringify(request.messages).includes('"caller"') &&
          'messages.1.content.0.caller: Extra inputs are not permitted',
      ),
    },
  ],
};
