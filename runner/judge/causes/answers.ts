/** One answer, or none, to requests that have nothing else in common. */

import { isSent } from '../../../core/answers.js';
import type { Cause } from '../../../core/report.js';
import type { Judged } from '../judge.js';
import { cause, explainedBy, grouped, isValid, largest, type Scene, share } from './scene.js';

/** The target ends connections in place of an answer. */
export function endedConnections({ open, exchanges }: Scene): Cause[] {
  const ended = exchanges.filter(({ response, failure }) => response === null && failure?.kind === 'reset');
  const explained = explainedBy(open, ended);
  if (explained.length < 2) return [];
  const title = `The target ends the connection in place of an answer, in ${share(ended.length, exchanges.filter(isSent).length, 'requests')}.`;
  return [cause('no-answer', title, explained)];
}

/** Statuses that say nothing about what a request asks for: the server failed, or did not let its client in. */
const OF_THE_SERVER = /^HTTP (401|403|5(?!01)\d\d) /;
/** One part of the protocol has fewer requirements, in fewer profiles. */
const LEAST_REQUIREMENTS = 5;
const LEAST_PROFILES = 3;

/** What a server answers now and then, whatever is asked: no part of the protocol is absent for that. */
export function serverAnswers(scene: Scene): Cause[] {
  const validOnes = new Set(scene.exchanges.filter((exchange) => isValid(exchange, scene)).map(({ id }) => id));
  const isAboutValid = ({ findings }: Judged): boolean =>
    findings.every(({ exchange }) => exchange !== null && validOnes.has(exchange));
  const answers = scene.open.filter((one) => OF_THE_SERVER.test(onlyAnswer(one) ?? ''));
  const [answer, alike = []] = largest(answers.filter(isAboutValid), (one) => onlyAnswer(one)!);
  const profiles = new Set(alike.map(({ requirement }) => requirement.profile));
  if (alike.length < LEAST_REQUIREMENTS || profiles.size < LEAST_PROFILES) return [];
  return withAnswer(answers.filter((one) => onlyAnswer(one) === answer));
}

/** Answers that are word for word the same failure. */
export const sameAnswers = ({ open }: Scene): Cause[] =>
  withAnswer(open.filter((one) => /^HTTP [45]\d\d /.test(onlyAnswer(one) ?? '')));

const withAnswer = (open: readonly Judged[]): Cause[] =>
  grouped(open, onlyAnswer, (actual, number) => `${number} requirements fail on the same answer: ${actual}.`);

/** What all findings of a requirement say came, without what differs from answer to answer; `null` where they differ. */
function onlyAnswer({ findings }: Judged): string | null {
  const answers = new Set(findings.map(({ actual }) => actual.replace(/\breq_\w+|[0-9a-f-]{16,}|\d{4,}/g, '…')));
  const [only] = answers;
  return answers.size === 1 ? only! : null;
}
