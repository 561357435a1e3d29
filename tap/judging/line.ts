/** What the terminal shows of one exchange: a line, and under it what is wrong. */

import { inert } from '../../core/visible.js';
import type { RenderOptions } from '../../reporters/options.js';
import { type Paper, paper } from '../../reporters/paper.js';
import { MARKS } from '../../reporters/terminal-result.js';
import { count, duration, grouped, oneLine, where } from '../../reporters/text.js';
import type { RawExchange } from '../raw-exchange.js';
import type { ExchangeVerdict, Fault } from './traffic-judge.js';

/** Faults in full; the same fault of a later exchange takes one line. */
const FULL = 2;

/** Writes the lines of one session. */
export class Lines {
  private readonly on: Paper;
  /** How often a requirement was violated, and where first. */
  private readonly told = new Map<string, { times: number; first: number }>();

  constructor(private readonly options: RenderOptions) {
    this.on = paper({ ...options, width: 110 });
  }

  /** The text for an exchange, with a line feed at its end; empty with `quiet` when nothing is wrong with it. */
  text(raw: RawExchange, verdict: ExchangeVerdict): string {
    if (this.options.quiet && verdict.faults.length === 0) return '';
    const lines = [this.head(raw, verdict), ...verdict.faults.flatMap((fault) => this.fault(fault, raw.number))];
    return `${lines.map((line) => inert(line, true)).join('\n')}\n`;
  }

  private head({ number, request, response, ending }: RawExchange, verdict: ExchangeVerdict): string {
    const { ink } = this.on;
    const { exchange, model, inputTokens, outputTokens } = verdict;
    const status = response?.status ?? 0;
    const path = oneLine(exchange.request.url.replace(/^https?:\/\/[^/]*/, ''), 80);
    const facts = [
      `${ink(status >= 400 || status === 0 ? 'red' : 'green', status === 0 ? '---' : String(status))} ${request.method} ${path}`,
      ...(model === null ? [] : [oneLine(model, 60)]),
      ...(inputTokens === null && outputTokens === null
        ? []
        : [`${shown(inputTokens)} tokens in, ${shown(outputTokens)} out`]),
      ...(response?.firstByteMs == null ? [] : [`first byte ${duration(response.firstByteMs)}`]),
      ...(response === null ? [] : [`longest silence ${duration(response.longestSilenceMs)}`]),
      ...(ENDINGS[ending] === '' ? [] : [ink('yellow', ENDINGS[ending])]),
      this.sum(verdict),
    ];
    return `${ink('dim', `#${number}`)} ${facts.join(ink('dim', ' · '))}`;
  }

  private sum({ isJudged, faults, passed }: ExchangeVerdict): string {
    const { ink } = this.on;
    if (!isJudged) return ink('dim', 'not judged');
    const failed = faults.filter(({ verdict }) => verdict === 'fail').length;
    const warned = faults.length - failed;
    if (faults.length === 0) return passed === 0 ? ink('dim', 'nothing to judge') : ink('green', `ok (${passed})`);
    return [
      ...(failed === 0 ? [] : [ink('red', `${grouped(failed)} failed`)]),
      ...(warned === 0 ? [] : [ink('yellow', count(warned, 'warning'))]),
    ].join(', ');
  }

  private fault({ id, verdict, silent, finding }: Fault, number: number): string[] {
    const { ink, paragraph, labelled } = this.on;
    const told = this.told.get(id) ?? { times: 0, first: number };
    told.times += 1;
    this.told.set(id, told);
    const mark = verdict === 'fail' ? ink('red', MARKS.fail) : ink('yellow', MARKS.warn);
    const title = `   ${mark} ${ink('bold', oneLine(id, 120))}${silent ? ink('yellow', ' silent') : ''}`;
    if (told.times > FULL) return [`${title} ${ink('dim', `as in #${told.first}`)}`];
    return [
      title,
      ...paragraph(oneLine(finding.message), 5),
      ...labelled('where', where(finding), 5),
      ...labelled('expected', oneLine(finding.expected), 5, 'green'),
      ...labelled('actual', oneLine(finding.actual), 5, 'red'),
    ];
  }
}

const shown = (tokens: number | null): string => (tokens === null ? '?' : grouped(tokens));

const ENDINGS: Readonly<Record<RawExchange['ending'], string>> = {
  complete: '',
  'client-aborted': 'the client left',
  'server-aborted': 'the server broke off',
  unreachable: 'no connection to the server',
  replaced: 'answered with an error (--fail)',
};
