/** Parts that are lost everywhere: usage in replies, fields of requests that never take effect. */

import { answer, status, succeeded } from '../../../core/answers.js';
import type { Exchange } from '../../../core/exchange.js';
import { get, isObject, type Json } from '../../../core/json.js';
import { totalInput } from '../../../core/message.js';
import type { Cause } from '../../../core/report.js';
import type { Finding } from '../../../core/requirement.js';
import type { Judged } from '../judge.js';
import { allAbout, cause, type Detector, explainedBy, inReplies, largest, named, share } from './scene.js';

const LEAST_REPLIES = 3;
const OF_USAGE = [
  'usage.*',
  'gw.usage.*',
  'cache.*',
  'resp.usage.*',
  'stream.start.usage',
  'stream.usage.*',
  'count.matches-usage',
  'think.usage',
  'req.max-tokens.zero',
];

/** No reply reports usage, all of it is zero, or counts are negative. */
export const usage: Detector = ({ open, exchanges }) =>
  inReplies([...new Set([...named(open, OF_USAGE), ...allAbout(open, isAboutUsage)])], exchanges, withoutCounts);

function withoutCounts(explained: readonly Judged[], replies: readonly Exchange[], one: string, many: string): Cause[] {
  const why = (reply: Exchange) => whyNoCounts(get(reply.message, 'usage'));
  if (explained.length === 0 || replies.length < LEAST_REPLIES || replies.some((reply) => why(reply) === null))
    return [];
  const [how] = largest(replies, (reply) => why(reply)!);
  const title = `No ${one} reports its tokens: ${how} in ${share(replies.length, replies.length, many)}.`;
  return [cause('usage', title, explained, replies[0]!.id)];
}

/** What is wrong with a `usage` that tells nothing; `null` where it counts something. */
function whyNoCounts(usage: Json | undefined): string | null {
  if (!isObject(usage)) return 'usage is missing';
  if ([usage.input_tokens, usage.output_tokens].some((count) => Number(count) < 0))
    return 'a count of usage is negative';
  return totalInput(usage) || usage.output_tokens ? null : 'every count of usage is zero';
}

/** Its place is in `usage`, or a client stumbled over it. */
const isAboutUsage = ({ at, actual }: Finding): boolean =>
  at?.pointer === undefined ? /\b(usage|(in|out)put_tokens)\b/.test(actual) : /(^|\/)usage(\/|$)/.test(at.pointer);

/** A part of requests, and the requirements that show whether it arrives. */
interface Field {
  name: string;
  /** These all have to fail on accepted requests, at least two of them. */
  arrives: readonly string[];
  /** How many of them at least, where two say too little. */
  least?: number;
  /** What is explained by it. */
  explains: readonly string[];
  /** A requirement about several parts, and what its findings say where they are about this one. */
  among?: { requirement: string; says: RegExp };
}

/** Their long prompts stand in a system array. */
const LONG_SYSTEM = ['cache.write-then-read', 'cache.prewarm'];

const FIELDS: readonly Field[] = [
  {
    name: 'arrays of content blocks',
    arrives: ['msg.content.string-or-array', 'doc.pdf.base64'],
    explains: ['msg.content.*', 'tr.*', 'arrives.*', 'doc.*', 'cite.*', 'files.use', 'sys.tool-addition'],
  },
  {
    name: 'earlier messages',
    arrives: ['msg.multi-turn', 'msg.same-role.consecutive'],
    explains: [
      'msg.*',
      'agent.thread.*',
      'agent.compaction.*',
      'arrives.picture.earlier',
      'sys.tool-addition',
      'think.redacted.replay',
    ],
  },
  {
    name: '`stop_sequences`',
    arrives: ['req.stop-sequences.five', 'req.stop-sequences.six', 'stop.sequence.*', 'stream.stop-sequence'],
    explains: ['req.stop-sequences.*', 'stop.sequence.*', 'stream.stop-sequence', 'think.stop-sequence'],
  },
  {
    name: '`document` blocks',
    arrives: ['doc.text', 'doc.pdf.base64', 'doc.content'],
    explains: ['doc.*', 'cite.*', 'tr.document'],
  },
  {
    name: '`image` blocks',
    arrives: ['vision.base64.png', 'vision.formats', 'vision.multiple', 'tr.image'],
    explains: ['vision.*', 'tr.image', 'count.image'],
  },
  {
    name: '`tools`',
    arrives: ['tc.any', 'tc.tool', 'arrives.tool.descriptions'],
    // Where only the choice is lost, descriptions arrive.
    least: 3,
    explains: ['tc.*', 'tool.*', 'tu.*', 'arrives.tool.*', 'so.strict-tool', 'agent.tool-loop.*'],
  },
  {
    name: '`tool_choice`',
    arrives: ['tc.any', 'tc.tool', 'tc.none'],
    explains: ['tc.*', 'tool.client.builtin', 'so.strict-tool'],
  },
  {
    name: '`tool_result` blocks',
    arrives: ['tr.string', 'tr.document', 'arrives.result.blocks'],
    explains: ['tr.*', 'arrives.result.*'],
  },
  {
    name: 'blocks inside `tool_result`',
    arrives: ['tr.image', 'tr.document', 'tr.search-result', 'arrives.result.blocks'],
    explains: ['tr.*', 'arrives.result.*'],
  },
  {
    name: 'the system prompt',
    arrives: ['req.system.string', 'arrives.system.blocks'],
    explains: ['req.system.*', 'arrives.system.*', 'msg.role-system.*', 'sys.*', ...LONG_SYSTEM],
    among: { requirement: 'req.combined.effect', says: /^The `system` prompt is lost / },
  },
  {
    name: 'arrays in `system`',
    arrives: ['req.system.array', 'arrives.system.blocks'],
    explains: ['req.system.array', 'arrives.system.*', ...LONG_SYSTEM],
  },
  {
    name: '`cache_control`',
    arrives: ['cache.write-then-read', 'cache.top-level', 'cache.prewarm'],
    explains: ['cache.*'],
  },
  {
    name: '`output_config.format`',
    arrives: ['so.format.json', 'so.format.stream', 'so.format.unsupported'],
    explains: ['so.*'],
  },
  { name: '`thinking`', arrives: ['think.accepted', 'think.disabled', 'think.display.omitted'], explains: ['think.*'] },
  {
    name: '`max_tokens`',
    arrives: ['req.max-tokens.enforced', 'stop.max-tokens'],
    explains: ['req.max-tokens.*', 'stop.max-tokens*', 'usage.truncated.*'],
  },
];

/** A part of requests that is accepted everywhere and never arrives. */
export const fieldsLost: Detector = (scene) => {
  let { open } = scene;
  const accepted = new Set<string | null>(scene.exchanges.filter(succeeded).map(({ id }) => id));
  return FIELDS.flatMap(({ name, arrives, explains, among, least = 2 }): Cause[] => {
    const shown = named(scene.judged, arrives).filter(({ verdict }) => ['pass', 'fail', 'warn'].includes(verdict));
    const lost = shown.filter(
      ({ verdict, outcome, findings }) =>
        verdict !== 'pass' && outcome === 'violated' && findings.every(({ exchange }) => accepted.has(exchange)),
    );
    if (lost.length < least || lost.length < shown.length) return [];
    const shared =
      among === undefined ? [] : allAbout(named(open, [among.requirement]), ({ message }) => among.says.test(message));
    const explained = [...named(open, explains), ...shared];
    open = open.filter((one) => !explained.includes(one));
    if (explained.length < 2) return [];
    return [
      cause(
        'field-lost',
        `The server silently ignores ${name}: no request that tests this shows an effect.`,
        explained,
      ),
    ];
  });
};

/** A credential header that is never accepted. */
export const authentication: Detector = (scene) => {
  const HEADERS = [
    ['x-api-key', 'in x-api-key'],
    ['authorization', 'as a bearer token'],
  ] as const;
  const uses = ({ request }: Exchange, name: string): boolean => {
    const other = name === 'authorization' ? 'x-api-key' : 'authorization';
    return name in request.headers && !(other in request.headers);
  };
  const valid = scene.exchanges.filter(({ fixture, response }) => {
    const { credential } = scene.fixture(fixture);
    return response !== null && credential !== 'none' && credential !== 'invalid';
  });
  return HEADERS.flatMap(([name, how]): Cause[] => {
    const sent = valid.filter((exchange) => uses(exchange, name));
    const rejected = sent.filter((exchange) => [401, 403].includes(status(exchange)));
    if (rejected.length === 0 || rejected.length < sent.length || !valid.some(succeeded)) return [];
    const explained = explainedBy(scene.open, rejected);
    if (explained.length === 0) return [];
    return [
      cause(
        'authentication',
        `The key is rejected ${how}, and accepted otherwise: ${answer(rejected[0]!)}.`,
        explained,
        rejected[0]!.id,
      ),
    ];
  });
};
