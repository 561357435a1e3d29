import type { Suite } from '../../core/requirement.js';
import type { RequestPair } from '../judging/pairs.js';
import { textsOf, turnsFault } from '../judging/parts.js';
import { arrives } from '../judging/requests.js';
import type { Fault } from '../judging/texts.js';
import { textFault } from '../judging/texts.js';

/** All turns arrive as they were sent. */
const turns = ({ sent, got }: RequestPair): Fault | null => turnsFault(sent.turns, got.turns);

/** A system message among the turns. One that is moved to the front holds for the turns before it, too. */
function laterSystem({ sent, got }: RequestPair): Fault | null {
  const fault = turnsFault(sent.turns, got.turns);
  const texts = sent.turns.flatMap(({ role, parts }) => (role === 'system' ? textsOf(parts) : []));
  const isMoved = texts.every((text) => got.system.join('\n').includes(text));
  return fault !== null &&
    isMoved &&
    turnsFault(
      sent.turns.filter(({ role }) => role !== 'system'),
      got.turns,
    ) === null
    ? {
        message:
          'A system message is moved to the front; it holds for turns before it, and changes the cached beginning.',
        expected: fault.expected,
        actual: 'in the system prompt',
      }
    : fault;
}

const system = ({ sent, got }: RequestPair): Fault | null => textFault('the system prompt', sent.system, got.system);

export const requestTexts: Suite = {
  name: 'gateway-request-texts',
  title: 'texts, system prompts and turns of a request, at the upstream',
  requirements: [
    {
      id: 'gw.request.text.string',
      level: 'MUST',
      profile: 'core',
      statement: 'A message with a string as its content reaches the upstream byte for byte.',
      source: ['D:ref', 'O:chat'],
      fixtures: ['plain'],
      judge: arrives(turns),
    },
    {
      id: 'gw.request.text.blocks',
      level: 'MUST',
      profile: 'core',
      statement: 'All text blocks of a message reach the upstream, in order.',
      source: ['D:ref', 'O:chat'],
      fixtures: ['text-blocks'],
      judge: arrives(turns),
    },
    {
      id: 'gw.request.text.unicode',
      level: 'MUST',
      profile: 'core',
      statement: 'Characters beyond ASCII reach the upstream unchanged, whatever their number of bytes.',
      source: ['D:ref', 'O:chat'],
      fixtures: ['text-unicode'],
      judge: arrives(turns),
    },
    {
      id: 'gw.request.text.whitespace',
      level: 'MUST',
      profile: 'core',
      statement:
        'White space at the beginning and at the end of a text reaches the upstream; code and diffs depend on it.',
      source: ['D:ref', 'O:chat'],
      fixtures: ['text-whitespace'],
      judge: arrives(turns),
    },
    {
      id: 'gw.request.text.markup',
      level: 'MUST',
      profile: 'core',
      statement: 'The gateway interprets nothing in a text: no templates, tags, escapes or control tokens.',
      source: ['D:ref', 'O:chat'],
      fixtures: ['text-markup'],
      judge: arrives(turns),
    },
    {
      id: 'gw.request.text.long',
      level: 'MUST',
      profile: 'agent',
      statement: 'A text of 200,000 characters reaches the upstream whole.',
      source: ['D:limits', 'CC'],
      fixtures: ['text-long'],
      judge: arrives(turns),
    },
    {
      id: 'gw.request.system.string',
      level: 'MUST',
      profile: 'core',
      statement:
        'A system prompt that is a string reaches the upstream as a system or developer message, not as a user message.',
      source: ['D:ref', 'O:chat'],
      fixtures: ['system-string'],
      judge: arrives(system),
    },
    {
      id: 'gw.request.system.array',
      level: 'MUST',
      profile: 'core',
      statement:
        'All blocks of a system prompt reach the upstream, in order, also beside tools and a history of calls.',
      source: ['D:ref', 'O:chat'],
      fixtures: ['system-array', 'tool-result'],
      judge: arrives(system),
    },
    {
      id: 'gw.request.system.cache-control',
      level: 'MUST',
      profile: 'agent',
      statement:
        'A request with `cache_control` reaches the upstream with all its texts; the mark is kept or left out.',
      source: ['D:cache', 'CC'],
      fixtures: ['system-cached'],
      judge: arrives((pair) => system(pair) ?? turns(pair)),
    },
    {
      id: 'gw.request.system.later',
      level: 'MUST',
      profile: 'agent',
      statement:
        'A system message after the first turn reaches the upstream at its place, in a role that the model obeys.',
      source: ['D:midsys', 'CC'],
      fixtures: ['system-later'],
      judge: arrives(laterSystem),
    },
    {
      id: 'gw.request.turns.order',
      level: 'MUST',
      profile: 'core',
      statement: 'All turns of a conversation reach the upstream, with their roles and in order.',
      source: ['D:work', 'O:chat'],
      fixtures: ['turns'],
      judge: arrives(turns),
    },
    {
      id: 'gw.request.turns.consecutive',
      level: 'MUST',
      profile: 'core',
      statement: 'Consecutive messages of one role reach the upstream, joined or one by one.',
      source: ['D:work'],
      fixtures: ['turns-consecutive'],
      judge: arrives(turns),
    },
    {
      id: 'gw.request.turns.many',
      level: 'MUST',
      profile: 'agent',
      statement: 'A conversation of many turns reaches the upstream whole; the gateway drops no turn.',
      source: ['D:work', 'CC'],
      fixtures: ['turns-many'],
      judge: arrives(turns),
    },
    {
      id: 'gw.request.turns.prefill',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'A final message of the assistant reaches the upstream as the last message, or the gateway rejects it by name.',
      source: ['D:work'],
      fixtures: ['prefill'],
      judge: arrives(turns, { feature: 'prefill', names: ['prefill', 'assistant', 'last message', 'final message'] }),
    },
    {
      id: 'gw.request.thinking.history',
      level: 'MUST',
      profile: 'agent',
      statement:
        'A history with `thinking` and `redacted_thinking` blocks is accepted, and its texts, calls and results reach the upstream.',
      source: ['D:ttools', 'CC'],
      fixtures: ['thinking-history'],
      judge: arrives(turns),
    },
  ],
};
