/** What is wrong with every reply alike: its stop reason, and how its stream is written. */

import type { Exchange } from '../../../core/exchange.js';
import { get, type Json } from '../../../core/json.js';
import { STOP_REASONS } from '../../../core/protocol.js';
import type { Finding } from '../../../core/requirement.js';
import type { Judged } from '../judge.js';
import { cause, type Detector, named, type Scene, share } from './scene.js';

const LEAST_REPLIES = 3;

const isOneOf = (value: Json | undefined): boolean => (STOP_REASONS as readonly (Json | undefined)[]).includes(value);
const isAboutStopReason = ({ at, expected, actual }: Finding): boolean =>
  at?.pointer?.endsWith('/stop_reason') === true || /\bstop_reason\b/.test(`${expected} ${actual}`);

/** No reply has a stop reason that clients know, e.g. because another API's words are passed on. */
export const stopReasons: Detector = ({ open, exchanges }) => {
  const replies = exchanges.filter(({ message }) => message !== null);
  const reason = ({ message }: Exchange): Json | undefined => get(message, 'stop_reason');
  if (replies.length < LEAST_REPLIES || replies.some((reply) => isOneOf(reason(reply)))) return [];
  const explained = aboutAll(open, isAboutStopReason);
  if (explained.length < 2) return [];
  const values = [...new Set(replies.map((reply) => JSON.stringify(reason(reply)) ?? 'missing'))].slice(0, 3);
  const title = `No reply has a documented \`stop_reason\`: ${values.join(', ')} in ${share(replies.length, replies.length, 'replies')}.`;
  return [cause('stop-reason', title, explained, replies[0])];
};

const OF_TRUNCATED = ['stop.max-tokens', 'stream.tool.truncated', 'req.max-tokens.zero', 'so.truncation'];

/** Truncated replies report one other stop reason. */
export const truncation: Detector = ({ open }) => {
  const wrong = aboutAll(named(open, OF_TRUNCATED), isAboutStopReason);
  const reported = new Set(wrong.flatMap(({ findings }) => findings.map(reportedReason)));
  const [only] = reported;
  if (wrong.length < 2 || reported.size !== 1 || only === undefined) return [];
  return [cause('stop-reason', `Truncated replies report \`stop_reason\` ${only}, not "max_tokens".`, wrong)];
};

/** `stop_reason "end_turn" after …`, or the value alone. */
const reportedReason = ({ actual }: Finding): string | undefined =>
  /^(?:stop_reason )?("\w+"|null)(?=$|[ ,])/.exec(actual)?.[1];

/** How streams are written: who reads them goes by it. */
const GRAMMAR = ['stream.order.*', 'stream.start.*', 'stream.delta.*', 'stream.frame.*', 'stream.tool.*'];
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
];

/** Many streams violate one rule, and what reads them stumbles over it. */
export const streamGrammar: Detector = (scene) => {
  const [broken] = named(scene.open, GRAMMAR)
    .filter(({ verdict, findings }) => verdict === 'fail' && places(findings) >= LEAST_REPLIES)
    .sort((a, b) => places(b.findings) - places(a.findings));
  const [finding] = broken?.findings ?? [];
  if (broken === undefined || finding === undefined) return [];
  const stumbling = readers(named(scene.open, READERS), streamsOf(scene));
  if (stumbling.length < 3) return [];
  const one = cause('stream-grammar', `Streams violate one rule. ${finding.message}`, stumbling);
  return [{ ...one, exchange: finding.exchange }];
};

const places = (findings: readonly Finding[]): number => new Set(findings.map(({ exchange }) => exchange)).size;

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
  const [lost] = named(scene.open, ['stream.text.equal']).filter(({ silent }) => silent);
  const [finding] = lost?.findings ?? [];
  const streams = streamsOf(scene);
  // It also fails where replies without streaming lose something.
  if (finding === undefined || !streams.has(finding.exchange ?? '')) return [];
  const explained = readers(named(scene.open, OF_CONTENT), streams);
  if (explained.length < 2) return [];
  const one = cause('stream-content', `Streams differ from replies without streaming. ${finding.message}`, explained);
  return [{ ...one, exchange: finding.exchange }];
};

const streamsOf = ({ exchanges }: Scene): ReadonlySet<string> =>
  new Set(exchanges.filter((one) => one.transport === 'stream' && one.response !== null).map(({ id }) => id));

/** Requirements that fail on streams and on nothing else. */
const readers = (open: readonly Judged[], streams: ReadonlySet<string>): Judged[] =>
  aboutAll(open, ({ exchange }) => exchange !== null && streams.has(exchange));

function aboutAll(open: readonly Judged[], isAbout: (finding: Finding) => boolean): Judged[] {
  return open.filter(({ findings }) => findings.length > 0 && findings.every(isAbout));
}
