import { useState } from 'preact/hooks';
import { VERDICTS, type Verdict } from '../../../core/protocol.js';
import { embeddedName, PRESENCE_WORDS, whyIncomplete } from '../../outcome.js';
import { type Standing, standingOf } from '../../profile-standing.js';
import { reasonsByVerdict } from '../../reasons.js';
import type { PageData } from '../data.js';
import { headline, standing } from '../headline.js';
import { type Filters, SILENT } from './filters.js';
import { SaveReport } from './save.js';
import { count, duration, number, Prose, Text } from './text.js';
import { ThemeChoice } from './theme.js';
import { CountBar, Shape, totalOf, URGENT_FIRST, VerdictMark } from './verdict.js';

interface Properties {
  data: PageData;
  filters: Filters;
  show: (filters: Partial<Filters>) => void;
}

export function Masthead({ data }: { data: PageData }) {
  const { tone, text } = headline(data);
  const [word, rest] = text.split(/: (.*)/s);
  const facts = standing(data);
  return (
    <header class="masthead">
      <div class="topline">
        <p class="brand">
          Messages API conformance <span>report</span>
        </p>
        <SaveReport data={data} />
        <ThemeChoice />
      </div>
      <h1>
        <Text>{data.target.baseUrl}</Text>
      </h1>
      <p class="subject">
        <Text>{data.target.model}</Text> judged by the contract <Text>{data.target.contract}</Text>
        {data.target.embedded && <span class="tag">{embeddedName(data.target)}</span>}
        {data.target.upstream && (
          <span>
            {' '}
            from both sides; its upstream speaks <Text>{data.target.upstream.speaks}</Text>
          </span>
        )}
      </p>
      <p class={`headline ${tone}`}>
        <Shape verdict={tone} />
        <span>
          <b>{word}:</b> <Prose>{rest ?? ''}</Prose>
        </span>
      </p>
      {facts.length > 0 && <p class="standing">{facts.join(' · ')}</p>}
      <Stopped data={data} said={rest ?? ''} />
    </header>
  );
}

/** Why the run stopped or means little, and what to do, as far as the headline does not say it. */
function Stopped({ data, said }: { data: PageData; said: string }) {
  const { diagnosis } = data;
  const lines = [...new Set([diagnosis?.line, data.run.interrupted, whyIncomplete(data)])].filter(
    (line): line is string => typeof line === 'string' && line !== said,
  );
  if (lines.length === 0 && diagnosis === null) return null;
  return (
    <div class="stopped">
      {lines.map((line) => (
        <p key={line} class="interrupted">
          <Prose>{line.replace(/^./u, (first) => first.toUpperCase())}</Prose>
        </p>
      ))}
      {diagnosis !== null && (
        <>
          <p class="advice">
            <Prose>{diagnosis.advice}</Prose>
          </p>
          {diagnosis.tried.length > 0 && (
            <dl class="tried">
              {diagnosis.tried.map(({ what, answer }, index) => (
                <div key={index}>
                  <dt>
                    <Text>{what}</Text>
                  </dt>
                  <dd>
                    <Text>{answer}</Text>
                  </dd>
                </div>
              ))}
            </dl>
          )}
        </>
      )}
    </div>
  );
}

/** Counts that act as filters. `silent` is a mark on verdicts, so it narrows them and has no count beside theirs. */
export function Totals({ data, filters, show }: Properties) {
  const { summary } = data;
  const pick = (name: string) => ({
    verdicts: filters.verdicts.includes(name)
      ? filters.verdicts.filter((verdict) => verdict !== name)
      : [...filters.verdicts, name],
  });
  const note = (verdict: Verdict) =>
    verdict === 'fail' && summary.silent > 0 ? <small> {number(summary.silent)} silent</small> : null;
  return (
    <section class="totals" aria-labelledby="totals-title">
      <h2 id="totals-title" class="unseen">
        Verdicts
      </h2>
      <CountBar counts={summary} label="All requirements" />
      <fieldset class="chips">
        <legend class="unseen">Show only these verdicts</legend>
        {URGENT_FIRST.filter((verdict) => summary[verdict] > 0).map((verdict) => (
          <button
            type="button"
            key={verdict}
            class={`chip ${verdict}`}
            aria-pressed={filters.verdicts.includes(verdict)}
            onClick={() => show(pick(verdict))}
          >
            <Shape verdict={verdict} />
            <b>{number(summary[verdict])}</b> {verdict}
            {note(verdict)}
          </button>
        ))}
        {data.results.some(({ silent }) => silent) && (
          <button
            type="button"
            class="chip silent"
            aria-pressed={filters.verdicts.includes(SILENT)}
            onClick={() => show(pick(SILENT))}
          >
            silent only
          </button>
        )}
      </fieldset>
    </section>
  );
}

export function Profiles({ data, filters, show }: Properties) {
  return (
    <section aria-labelledby="profiles-title" class="profiles">
      <h2 id="profiles-title">Profiles</h2>
      <div class="scroll">
        <table aria-labelledby="profiles-title">
          <thead>
            <tr>
              <th scope="col">Profile</th>
              <th scope="col">Verdict</th>
              <th scope="col" class="wide">
                <span class="unseen">Share of verdicts</span>
              </th>
              <th scope="col" class="figure">
                Fail
              </th>
              <th scope="col" class="figure">
                Warn
              </th>
              <th scope="col" class="figure">
                Pass
              </th>
              <th scope="col" class="figure">
                Not judged
              </th>
            </tr>
          </thead>
          <tbody>
            {data.profiles.map((line) => {
              const { profile, claimed, presence, counts } = line;
              return (
                <tr key={profile} class={claimed ? '' : 'unclaimed'}>
                  <th scope="row">
                    <button
                      type="button"
                      class="name"
                      aria-pressed={filters.profile === profile}
                      onClick={() => show({ profile: filters.profile === profile ? '' : profile })}
                    >
                      <Text>{profile}</Text>
                    </button>
                    {!claimed && <span class="tag">not claimed</span>}
                    {presence === 'ignored' && <span class="tag">{PRESENCE_WORDS[presence]}</span>}
                  </th>
                  <td>
                    <StandingMark standing={standingOf(data, line)} />
                  </td>
                  <td class="wide">
                    <CountBar counts={counts} label={profile} />
                  </td>
                  <td class={counts.fail ? 'figure fail' : 'figure none'}>{number(counts.fail)}</td>
                  <td class={counts.warn ? 'figure warn' : 'figure none'}>{number(counts.warn)}</td>
                  <td class={counts.pass ? 'figure' : 'figure none'}>{number(counts.pass)}</td>
                  <td class="figure muted">{number(totalOf(counts) - counts.fail - counts.warn - counts.pass)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const STANDING_SHAPES: Readonly<Record<Standing, Verdict>> = {
  conformant: 'pass',
  'conformant with warnings': 'warn',
  'not conformant': 'fail',
  'not offered': 'declined',
  'judged in part': 'inconclusive',
  'not judged': 'skipped',
};

const StandingMark = ({ standing }: { standing: Standing }) => (
  <span class={`verdict ${STANDING_SHAPES[standing]}`}>
    <Shape verdict={STANDING_SHAPES[standing]} />
    {standing}
  </span>
);

export function Facts({ data }: { data: PageData }) {
  const { target, run, suite, summary } = data;
  const started = new Date(run.startedAt);
  const facts: [string, preact.ComponentChildren][] = [
    ['API versions', <Text>{target.apiVersions.join(', ')}</Text>],
    ['Server header', target.server === null ? 'none' : <Text class="mono">{target.server}</Text>],
    [
      'Started',
      Number.isNaN(started.getTime()) ? (
        <Text>{run.startedAt}</Text>
      ) : (
        <time dateTime={started.toISOString()}>{started.toISOString().replace('T', ' ').slice(0, 16)} UTC</time>
      ),
    ],
    ['Duration', duration(summary.durationMs)],
    ['Requests', number(summary.requests)],
    ['Tokens', `${number(summary.inputTokens)} in, ${number(summary.outputTokens)} out`],
    ['Executed', `${number(summary.executed)} of ${count(totalOf(summary), 'requirement')}`],
    ['Suite', <Text>{`${suite.name} ${suite.version}, Node ${run.node}`}</Text>],
  ];
  if (run.only.length > 0) facts.push(['Only', <Text class="mono">{run.only.join(', ')}</Text>]);
  if (run.skip.length > 0) facts.push(['Without', <Text class="mono">{run.skip.join(', ')}</Text>]);
  if (run.strict) facts.push(['Strict', 'a warning counts as a failure']);
  if (data.baseline) facts.push(['Baseline', <Text class="mono">{data.baseline.file}</Text>]);
  return (
    <section aria-labelledby="run-title" class="facts">
      <h2 id="run-title">Run</h2>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const FIRST_REASONS = 5;

/** What was not judged and why, most frequent reason first, then the notes. */
export function NotJudged({ data, show, hidden }: Pick<Properties, 'data' | 'show'> & { hidden: boolean }) {
  const [whole, setWhole] = useState(false);
  const notJudged = VERDICTS.filter((verdict) => !['pass', 'fail', 'warn'].includes(verdict));
  const reasons = reasonsByVerdict(data.results, notJudged);
  if (reasons.length === 0) return null;
  return (
    <section aria-labelledby="not-judged-title" class="not-judged" hidden={hidden}>
      <h2 id="not-judged-title">Not judged, and why</h2>
      <ul>
        {reasons.slice(0, whole ? reasons.length : FIRST_REASONS).map(({ verdict, text, common, items }) => (
          <li key={`${verdict} ${text}`}>
            <b>{number(items.length)}</b>
            <VerdictMark verdict={verdict} />
            <Prose>{text || 'without a reason'}</Prose>
            <button
              type="button"
              class="quiet"
              aria-label={`Show ${items.length} ${verdict}: ${text.slice(0, 120)}`}
              onClick={() =>
                show({ verdicts: [verdict], query: common.slice(0, 200), level: '', profile: '', suite: '' })
              }
            >
              show
            </button>
          </li>
        ))}
      </ul>
      {reasons.length > FIRST_REASONS && (
        <button type="button" class="more" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? 'Fold' : `Show ${count(reasons.length - FIRST_REASONS, 'more reason')}`}
        </button>
      )}
    </section>
  );
}

/** Lines of the baseline that no longer fit: they fail the run. */
export function BaselineProblems({ data }: { data: PageData }) {
  const problems = data.baseline?.problems ?? [];
  if (problems.length === 0) return null;
  return (
    <section aria-labelledby="baseline-title" class="notices">
      <h2 id="baseline-title">Baseline</h2>
      <ul>
        {problems.map(({ id, problem, message }) => (
          <li key={`${problem} ${id}`} class="problem">
            <b>{problem === 'unknown-id' ? 'unknown id' : problem}</b> <Prose>{message}</Prose>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Notices({ data }: { data: PageData }) {
  if (data.notices.length === 0) return null;
  return (
    <section aria-labelledby="notices-title" class="notices">
      <h2 id="notices-title">Notices</h2>
      <ul>
        {data.notices.map((notice) => (
          <li key={notice}>
            <Prose>{notice}</Prose>
          </li>
        ))}
      </ul>
    </section>
  );
}
