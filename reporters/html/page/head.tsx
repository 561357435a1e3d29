import { useState } from 'preact/hooks';
import { VERDICTS, type Verdict } from '../../../core/protocol.js';
import type { PageData } from '../data.js';
import { headline } from '../headline.js';
import type { Filters } from './filters.js';
import { count, duration, number, Text } from './text.js';
import { ThemeChoice } from './theme.js';
import { CountBar, Shape, totalOf, URGENT_FIRST, VerdictMark } from './verdict.js';

interface Properties {
  data: PageData;
  filters: Filters;
  show: (filters: Partial<Filters>) => void;
}

export function Masthead({ data }: { data: PageData }) {
  const { tone, text } = headline(data);
  return (
    <header class="masthead">
      <div class="topline">
        <p class="brand">
          Messages API conformance <span>report</span>
        </p>
        <ThemeChoice />
      </div>
      <h1>
        <Text>{data.target.baseUrl}</Text>
      </h1>
      <p class="subject">
        <Text>{data.target.model}</Text> judged by the contract <Text>{data.target.contract}</Text>
        {data.target.embedded && <span class="tag">the embedded reference endpoint</span>}
      </p>
      <p class={`headline ${tone}`}>
        <Shape verdict={tone} />
        {text}
      </p>
      {data.run.interrupted !== null && (
        <p class="interrupted">
          <Text>{data.run.interrupted}</Text>
        </p>
      )}
    </header>
  );
}

/** Counts that act as filters. */
export function Totals({ data, filters, show }: Properties) {
  const { summary } = data;
  const toggle = (name: string) =>
    show({
      verdicts: filters.verdicts.includes(name)
        ? filters.verdicts.filter((verdict) => verdict !== name)
        : [...filters.verdicts, name],
    });
  const tile = (name: Verdict | 'silent', value: number) => (
    <button
      type="button"
      key={name}
      class={`tile ${name}`}
      aria-pressed={filters.verdicts.includes(name)}
      disabled={value === 0}
      onClick={() => toggle(name)}
    >
      <b>{number(value)}</b>
      <span>
        {name !== 'silent' && <Shape verdict={name} />}
        {name}
      </span>
    </button>
  );
  return (
    <section class="totals" aria-labelledby="totals-title">
      <h2 id="totals-title" class="unseen">
        Verdicts
      </h2>
      <CountBar counts={summary} label="All requirements" />
      <fieldset class="tiles">
        <legend class="unseen">Show only these verdicts</legend>
        {tile('silent', summary.silent)}
        {URGENT_FIRST.map((verdict) => tile(verdict, summary[verdict]))}
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
            {data.profiles.map(({ profile, claimed, presence, counts }) => (
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
                  {!claimed && <span class="tag">not claimed{presence ? `, ${presence}` : ''}</span>}
                  {claimed && presence && presence !== 'present' && <span class="tag">{presence}</span>}
                </th>
                <td class="wide">
                  <CountBar counts={counts} label={profile} />
                </td>
                <td class={counts.fail ? 'figure fail' : 'figure none'}>{number(counts.fail)}</td>
                <td class={counts.warn ? 'figure warn' : 'figure none'}>{number(counts.warn)}</td>
                <td class={counts.pass ? 'figure' : 'figure none'}>{number(counts.pass)}</td>
                <td class="figure muted">{number(totalOf(counts) - counts.fail - counts.warn - counts.pass)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

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
export function NotJudged({ data, show }: Pick<Properties, 'data' | 'show'>) {
  const [whole, setWhole] = useState(false);
  const groups = new Map<string, { verdict: Verdict; reason: string; total: number }>();
  for (const { verdict, reason } of data.results) {
    if (verdict === 'pass' || verdict === 'fail' || verdict === 'warn') continue;
    const group = groups.get(`${verdict} ${reason}`) ?? { verdict, reason, total: 0 };
    group.total += 1;
    groups.set(`${verdict} ${reason}`, group);
  }
  const reasons = [...groups.values()].sort(
    (a, b) => b.total - a.total || VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict),
  );
  if (reasons.length === 0) return null;
  return (
    <section aria-labelledby="not-judged-title" class="not-judged">
      <h2 id="not-judged-title">Not judged, and why</h2>
      <ul>
        {reasons.slice(0, whole ? reasons.length : FIRST_REASONS).map(({ verdict, reason, total }) => (
          <li key={`${verdict} ${reason}`}>
            <b>{number(total)}</b>
            <VerdictMark verdict={verdict} />
            <Text>{reason || 'without a reason'}</Text>
            <button
              type="button"
              class="quiet"
              aria-label={`Show ${total} ${verdict}: ${reason.slice(0, 120)}`}
              onClick={() =>
                show({ verdicts: [verdict], query: reason.slice(0, 200), level: '', profile: '', suite: '' })
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

export function Notices({ data }: { data: PageData }) {
  const problems = data.baseline?.problems ?? [];
  if (data.notices.length === 0 && problems.length === 0) return null;
  return (
    <section aria-labelledby="notices-title" class="notices">
      <h2 id="notices-title">Notices</h2>
      <ul>
        {problems.map(({ id, problem, message }) => (
          <li key={`${problem} ${id}`} class="problem">
            <b>{problem === 'unknown-id' ? 'Baseline, unknown id' : `Baseline, ${problem}`}</b> <Text>{message}</Text>
          </li>
        ))}
        {data.notices.map((notice) => (
          <li key={notice}>
            <Text>{notice}</Text>
          </li>
        ))}
      </ul>
    </section>
  );
}
