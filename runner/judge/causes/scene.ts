/** What causes are looked for in: the failures of a run, and the exchanges that show them. */

import picomatch from 'picomatch';
import type { Exchange } from '../../../core/exchange.js';
import type { Fixture } from '../../../core/fixture.js';
import { PROFILES } from '../../../core/protocol.js';
import type { Cause, CauseKind } from '../../../core/report.js';
import type { Finding } from '../../../core/requirement.js';
import type { Judged } from '../judge.js';

export interface Scene {
  /** Failed and warned requirements that no cause explains yet. */
  open: readonly Judged[];
  /** Every requirement of the run. */
  judged: readonly Judged[];
  /** Exchanges that count. */
  exchanges: readonly Exchange[];
  fixture(id: string): Fixture;
}

export interface FoundCause extends Cause {
  /** Whether it explains a finding, also one of a requirement that has findings of another cause as well. */
  covers?(finding: Finding): boolean;
}

/** Finds causes of one kind; none where nothing points to it. */
export type Detector = (scene: Scene) => FoundCause[];

/** Requirements all of whose findings are about these exchanges. */
export function explainedBy(open: readonly Judged[], exchanges: readonly Exchange[]): Judged[] {
  const ids = new Set<string | null>(exchanges.map(({ id }) => id));
  return allAbout(open, ({ exchange }) => ids.has(exchange));
}

/** Requirements all of whose findings are about one thing. */
export const allAbout = (open: readonly Judged[], isAbout: (finding: Finding) => boolean): Judged[] =>
  open.filter(({ findings }) => findings.length > 0 && findings.every(isAbout));

/** Requirements whose id matches one of these globs. */
export function named(open: readonly Judged[], globs: readonly string[]): Judged[] {
  const ids = new Set(globs);
  const patterns = globs.filter((glob) => glob.includes('*')).map((glob) => picomatch.makeRe(glob));
  return open.filter(({ requirement: { id } }) => ids.has(id) || patterns.some((pattern) => pattern.test(id)));
}

/** A cause. Without an exchange that shows it best that is the one of its first finding. */
export function cause(
  kind: CauseKind,
  title: string,
  explained: readonly Judged[],
  shown: string | null = null,
): Cause {
  const gravest = [...explained].sort(
    (a, b) =>
      Number(b.verdict === 'fail') - Number(a.verdict === 'fail') || basic(a) - basic(b) || silent(b) - silent(a),
  );
  const exchange = shown ?? gravest.flatMap(({ findings }) => findings)[0]?.exchange ?? null;
  return { kind, title, requirements: gravest.map(({ requirement }) => requirement.id), exchange };
}

/** What is lost in the core shows best what is lost everywhere. */
const basic = ({ requirement }: Judged): number => PROFILES.indexOf(requirement.profile);
const silent = (judged: Judged): number => Number(judged.silent);

/** `12 of 12 error responses`; `all 12 error responses` reads as a claim about what was not seen. */
export const share = (part: number, whole: number, things: string): string => `${part} of ${whole} ${things}`;

const LEAST_ALIKE = 3;

/** A cause for each key that at least three of them share. */
export function grouped(
  open: readonly Judged[],
  keyOf: (judged: Judged) => string | null,
  title: (key: string, number: number) => string,
): Cause[] {
  const groups = new Map<string, Judged[]>();
  for (const judged of open) {
    const key = keyOf(judged);
    if (key !== null) groups.set(key, [...(groups.get(key) ?? []), judged]);
  }
  return [...groups]
    .filter(([, alike]) => alike.length >= LEAST_ALIKE)
    .map(([key, alike]) => cause('same-fault', title(key, alike.length), alike));
}

/**
 * What all replies have in common, or else those with and those without `stream`, which are often written in different places.
 *
 * @param find Finds it in these replies, which are named by the words for one and for several.
 */
export function inReplies(
  about: readonly Judged[],
  exchanges: readonly Exchange[],
  find: (explained: readonly Judged[], replies: readonly Exchange[], one: string, many: string) => Cause[],
): Cause[] {
  const replies = exchanges.filter(({ message }) => message !== null);
  const whole = find(about, replies, 'reply', 'replies');
  if (whole.length > 0) return whole;
  const [json, stream] = (['json', 'stream'] as const).map((name) =>
    replies.filter(({ transport }) => transport === name),
  );
  return [
    ...find(explainedBy(about, json!), json!, 'reply without `stream`', 'replies'),
    ...find(explainedBy(about, stream!), stream!, 'stream', 'streams'),
  ];
}

/** Whether nothing is wrong with a request, so that no answer to it is a rejection. */
export function isValid(exchange: Exchange, { fixture }: Scene): boolean {
  const { violates, credential } = fixture(exchange.fixture);
  return violates === null && credential !== 'none' && credential !== 'invalid';
}

/** The largest group by a key. */
export function largest<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): [key: string, items: T[]] | [undefined, undefined] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups].sort(([, a], [, b]) => b.length - a.length)[0] ?? [undefined, undefined];
}
