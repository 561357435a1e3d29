/** What is wrong with every reply alike: its stop reason, and how its stream is written. */

import { stoppedStreams } from '../../../core/answers.js';
import type { Exchange } from '../../../core/exchange.js';
import { get, type Json, quote } from '../../../core/json.js';
import { isStopReason } from '../../../core/protocol.js';
import type { Cause } from '../../../core/report.js';
import type { Finding } from '../../../core/requirement.js';
import type { Judged } from '../judge.js';
import { allAbout, cause, type Detector, explainedBy, inReplies, named, type Scene, share } from './scene.js';

const LEAST_REPLIES = 3;

const isAboutStopReason = ({ at, expected, actual }: Finding): boolean =>
  at?.pointer?.endsWith('/stop_reason') === true || /\bstop_reason\b/.test(`${expected} ${actual}`);

/** Whatever else is said of a stream that stopped in the middle rests on that. */
export const streamsStop: Detector = ({ open, exchanges }) => {
  const { streams, stopped } = stoppedStreams(exchanges);
  const explained = explainedBy(open, stopped);
  const [first] = stopped;
  if (first === undefined || explained.length < 2) return [];
  const title = `Streams stop in the middle and have no end, ${share(stopped.length, streams.length, 'streams')}: ${first.failure?.message}.`;
  return [cause('same-fault', title, explained, first.id)];
};

/** No reply has a stop reason that clients know, e.g. because another API's words are passed on. */
export const stopReasons: Detector = ({ open, exchanges }) =>
  inReplies(allAbout(open, isAboutStopReason), exchanges, withoutReason);

function withoutReason(explained: readonly Judged[], replies: readonly Exchange[], one: string, many: string): Cause[] {
  const reason = ({ message }: Exchange): Json | undefined => get(message, 'stop_reason');
  if (explained.length < 2 || replies.length < LEAST_REPLIES || replies.some((reply) => isStopReason(reason(reply))))
    return [];
  const values = [...new Set(replies.map((reply) => quote(reason(reply))))].slice(0, 3);
  const title = `No ${one} has a documented \`stop_reason\`: ${values.join(', ')} in ${share(replies.length, replies.length, many)}.`;
  return [cause('stop-reason', title, explained, replies[0]!.id)];
}

const OF_TRUNCATED = ['stop.max-tokens', 'stream.tool.truncated', 'req.max-tokens.zero', 'so.truncation'];

/** Truncated replies report one other stop reason. */
export const truncation: Detector = ({ open }) => {
  const wrong = allAbout(named(open, OF_TRUNCATED), isAboutStopReason);
  const reported = new Set(wrong.flatMap(({ findings }) => findings.map(reportedReason)));
  const [only] = reported;
  if (wrong.length < 2 || reported.size !== 1 || only === undefined) return [];
  return [cause('stop-reason', `Truncated replies report \`stop_reason\` ${only}, not "max_tokens".`, wrong)];
};

/** `stop_reason "end_turn" after …`, or the value alone. */
const reportedReason = ({ actual }: Finding): string | undefined =>
  /^(?:stop_reason )?("\w+"|null)(?=$|[ ,])/.exec(actual)?.[1];

/** How streams are written: who reads them goes by it. */
const GRAMMAR = ['stream.order.*', 'stream.delta.*', 'stream.frame.*', 'stream.tool.*'];
/** What reads streams as clients do, and what is sent back from them. */
const READERS = [
  ...GRAMMAR,
  'stream.sdk.*',
  'sdk.*',
  'stream.equivalence',
  'stream.text.equal',
  'stream.thinking.*',
  'stream.ping.*',
  'stream.error.*',
  'tu.*',
  'resp.content.*',
  'think.*',
  'so.format.stream',
  'agent.*',
  'stop.max-tokens.valid-content',
  'gw.answer.*',
  'gw.stream.*',
  'gw.ops.parallel',
];

/** What `message_start` has to hold. Official clients throw where it lacks something; the events after it stand where they should. */
const BEGINNING = ['stream.start.*'];
const OF_BEGINNING = [...BEGINNING, 'stream.sdk.*', 'sdk.*'];

/** Many streams violate one rule, and what reads them stumbles over it. */
export const streamGrammar: Detector = (scene) => {
  const streams = scene.exchanges.filter(isStream);
  const order = stumblingOver(
    scene,
    named(scene.open, GRAMMAR),
    READERS,
    (wrong) => `${share(wrong, streams.length, 'streams')} violate one rule.`,
  );
  const left = scene.open.filter(
    ({ requirement: { id } }) => !order.some(({ requirements }) => requirements.includes(id)),
  );
  return [
    ...order,
    ...stumblingOver(
      { ...scene, open: left },
      named(left, BEGINNING),
      OF_BEGINNING,
      (wrong) => `\`message_start\` is wrong in ${share(wrong, streams.length, 'streams')}.`,
    ),
  ];
};

function stumblingOver(
  scene: Scene,
  rules: readonly Judged[],
  globs: readonly string[],
  title: (wrong: number) => string,
): Cause[] {
  const [broken] = rules
    .filter((rule) => rule.verdict === 'fail' && placesOf(rule).size >= LEAST_REPLIES)
    .sort((a, b) => placesOf(b).size - placesOf(a).size);
  const [finding] = broken?.findings ?? [];
  if (broken === undefined || finding === undefined) return [];
  const wrong = placesOf(broken);
  const stumbling = onStreams(scene, globs).filter(({ findings }) => findings.some((one) => wrong.has(one.exchange)));
  if (stumbling.length < 3) return [];
  return [cause('stream-grammar', `${title(wrong.size)} ${finding.message}`, stumbling, finding.exchange)];
}

/** Where a requirement fails, also where its findings are not kept. */
const placesOf = ({ findings, cited }: Judged): ReadonlySet<string | null> =>
  cited ?? new Set(findings.map(({ exchange }) => exchange));

const OF_CONTENT = [
  'http.utf8.roundtrip',
  'stream.equivalence',
  'stream.text.equal',
  'stream.tool.input-equal',
  'stream.thinking.*',
  'think.display.omitted',
  'think.replay',
  'so.format.stream',
  'stop.end-turn',
];

/** Streams have another content than replies without streaming. */
export const streamContent: Detector = (scene) => {
  // It also fails where replies without streaming lose something.
  const [lost] = onStreams(scene, ['stream.text.equal']).filter(({ silent }) => silent);
  const [finding] = lost?.findings ?? [];
  const explained = onStreams(scene, OF_CONTENT);
  if (finding === undefined || explained.length < 2) return [];
  const title = `Streams differ from replies without streaming. ${finding.message}`;
  return [cause('stream-content', title, explained, finding.exchange)];
};

/** Of these, the requirements that fail on streams and on nothing else. */
const onStreams = ({ open, exchanges }: Scene, globs: readonly string[]): Judged[] =>
  explainedBy(named(open, globs), exchanges.filter(isStream));

const isStream = ({ transport, response }: Exchange): boolean => transport === 'stream' && response !== null;
