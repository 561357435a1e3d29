import { rejectBlocks, rejectWhen } from '../alterations/requests.js';
import type { FaultFamily } from './fault.js';
import { because, REPLAY_REJECTED } from './reasons.js';

export const officialClientsFaults: FaultFamily = {
  name: 'official-clients',
  title: 'what the official clients depend on',
  faults: [
    {
      id: 'go-fragments-on-start',
      title: '`content_block_start` has its empty input with a space, to which the Go client appends the fragments.',
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
      id: 'server-tools-not-taken-back',
      title: 'The server rejects its own `server_tool_use` in the history.',
      level: 'MUST',
      reports: ['https://github.com/theopenco/llmgateway/issues/3269'],
      caughtBy: ['sdk.replay-server-tools'],
      alters: rejectBlocks('server_tool_use', "messages.1.content.0: Input tag 'server_tool_use' is not known"),
    },
    {
      id: 'content-not-taken-back',
      title: 'The server rejects the field `caller` of its own calls.',
      level: 'MUST',
      caughtBy: ['sdk.replay-history'],
      alsoFails: {
        ...because(REPLAY_REJECTED, 'think.replay', 'agent.tool-loop.stream'),
        'sdk.replay-server-tools': 'The server rejects its own reply when the client sends it back.',
      },
      alters: rejectWhen(
        (request) =>
          JSON.stringify(request.messages).includes('"caller"') &&
          'messages.1.content.0.caller: Extra inputs are not permitted',
      ),
    },
  ],
};
