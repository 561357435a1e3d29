import { render } from 'preact';
import { useCallback, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import type { Verdict } from '../../../core/protocol.js';
import { searchable } from '../../code-spans.js';
import type { Change, Comparison, Origin } from '../../compare.js';
import { compareHeadline } from '../headline.js';
import { ChangeRow } from './compare-rows.js';
import { readParts, writeParts } from './filters.js';
import { reveal, setHash, useSearchKey } from './hooks.js';
import { count, duration, number, Text } from './text.js';
import { restoreTheme, ThemeChoice } from './theme.js';
import { CountBar, Shape, URGENT_FIRST, VerdictMark } from './verdict.js';

restoreTheme();
const data: Comparison = JSON.parse(document.getElementById('data')!.textContent!);

interface Group {
  name: string;
  title: string;
  explained: string;
  shape: Verdict;
  changes: readonly Change[];
  folded: boolean;
}

const isFailure = ({ after }: Change): boolean => after?.verdict === 'fail';

const GROUPS: readonly Group[] = [
  group('regressions', 'Regressions', 'Worse than before.', 'fail', data.regressions),
  group(
    'known',
    'Known regressions',
    'Worse than before, but listed in the later baseline.',
    'warn',
    data.knownRegressions,
  ),
  group(
    'lost-passes',
    'Lost passes',
    'Passed before and not judged now: nobody knows whether they still pass.',
    data.allowUnjudged ? 'inconclusive' : 'error',
    data.lostPasses,
  ),
  group('fixes', 'Fixes', 'Better than before.', 'pass', data.fixes),
  group(
    'lost',
    'No longer judged',
    'Judged before and not now. They did not pass before, so nothing became worse.',
    'inconclusive',
    data.lost,
  ),
  group('found', 'Judged for the first time', 'Not judged before.', 'declined', data.found),
  group('changed', 'Changed evidence', 'Same verdict, different evidence.', 'declined', data.changed),
  group(
    'added',
    'New requirements',
    'The earlier report does not have them.',
    data.added.some(isFailure) ? 'fail' : 'skipped',
    data.added,
    !data.added.some(isFailure),
  ),
  group('gone', 'Removed requirements', 'The later report does not have them.', 'skipped', data.gone, true),
];

function group(
  name: string,
  title: string,
  explained: string,
  shape: Verdict,
  changes: readonly Change[],
  folded = false,
): Group {
  return { name, title, explained, shape, changes, folded };
}

function Page() {
  const first = readParts(location.hash);
  const [query, setQuery] = useState(first.parameters.get('q') ?? '');
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set([first.anchor]));
  const { tone, text } = compareHeadline(data);
  const words = searchable(query).split(/\s+/).filter(Boolean);
  const toggle = useCallback((id: string) => {
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  const search = (value: string) => {
    setQuery(value);
    setHash(writeParts('', { q: value }));
  };
  useSearchKey();
  useLayoutEffect(() => {
    const arrive = () => {
      const { anchor } = readParts(location.hash);
      if (anchor === '') return;
      setOpen((before) => new Set([...before, anchor]));
      requestAnimationFrame(() => reveal(anchor));
    };
    arrive();
    addEventListener('hashchange', arrive);
    return () => removeEventListener('hashchange', arrive);
  }, []);
  const total = GROUPS.reduce((sum, { changes }) => sum + changes.length, 0);
  return (
    <>
      <header class="masthead">
        <div class="topline">
          <p class="brand">
            Messages API conformance <span>comparison</span>
          </p>
          <ThemeChoice />
        </div>
        <h1>
          <Text>{data.after.baseUrl}</Text>
        </h1>
        <p class="subject">
          {data.before.baseUrl === data.after.baseUrl ? (
            <>
              its run of <Text>{date(data.after)}</Text> beside that of <Text>{date(data.before)}</Text>
            </>
          ) : (
            <>
              beside <Text>{data.before.baseUrl}</Text>
            </>
          )}
        </p>
        <p class={`headline ${tone}`}>
          <Shape verdict={tone} />
          {text}
        </p>
      </header>
      <main>
        <Runs />
        <section id="results" aria-labelledby="results-title" class="results">
          <h2 id="results-title" class="unseen">
            Changes
          </h2>
          <search class="toolbar">
            <label class="query">
              <span class="unseen">Search changes by id or text</span>
              <input
                id="search"
                type="search"
                placeholder="Search by id or text  ( / )"
                autocomplete="off"
                spellcheck={false}
                value={query}
                onInput={(event) => search(event.currentTarget.value)}
              />
            </label>
            <p role="status">
              {count(total, 'change')}, {number(data.unchanged)} unchanged
            </p>
          </search>
          {GROUPS.map((each) => (
            <GroupView key={each.name} group={each} words={words} open={open} toggle={toggle} />
          ))}
          {total === 0 && <p class="nothing">Nothing changed in {count(data.unchanged, 'requirement')}.</p>}
        </section>
      </main>
      <footer>
        <p>This file needs no network. The two report.json files have all the data.</p>
      </footer>
    </>
  );
}

const date = ({ startedAt }: Origin): string => startedAt.replace('T', ' ').slice(0, 16);

function Runs() {
  const differs = new Map(data.context.map((difference) => [difference.name, difference]));
  const row = (name: string, of: (origin: Origin) => string, key = name.toLowerCase()) => {
    const difference = differs.get(key);
    return (
      <tr key={name} class={difference?.decisive ? 'decisive' : ''}>
        <th scope="row">{name}</th>
        {[data.before, data.after].map((origin, index) => (
          <td key={index}>
            <Text>{of(origin)}</Text>
          </td>
        ))}
        <td>{difference?.decisive ? 'can change verdicts on its own' : ''}</td>
      </tr>
    );
  };
  const shown = ['target', 'model', 'contract', 'version of the suite'];
  return (
    <section aria-labelledby="runs-title" class="runs">
      <h2 id="runs-title" class="unseen">
        The two runs
      </h2>
      <div class="scroll">
        <table aria-labelledby="runs-title">
          <thead>
            <tr>
              <td />
              <th scope="col">Before</th>
              <th scope="col">After</th>
              <th scope="col">
                <span class="unseen">Remark</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {row('Target', ({ baseUrl }) => baseUrl)}
            {row('Model', ({ model }) => model)}
            {row('Contract', ({ contract }) => contract)}
            {row('Suite', ({ version }) => version, 'version of the suite')}
            {row('Started', date)}
            {row('Duration', ({ summary }) => duration(summary.durationMs))}
            {data.context
              .filter(({ name }) => !shown.includes(name))
              .map(({ name, before, after, decisive }) => (
                <tr key={name} class={decisive ? 'decisive' : ''}>
                  <th scope="row">{name[0]!.toUpperCase() + name.slice(1)}</th>
                  <td>
                    <Text>{before}</Text>
                  </td>
                  <td>
                    <Text>{after}</Text>
                  </td>
                  <td>{decisive ? 'can change verdicts on its own' : ''}</td>
                </tr>
              ))}
            <tr>
              <th scope="row">Verdicts</th>
              {[data.before, data.after].map(({ summary }, index) => (
                <td key={index}>
                  <CountBar counts={summary} label={index === 0 ? 'Before' : 'After'} />
                </td>
              ))}
              <td />
            </tr>
            {URGENT_FIRST.map((verdict) => (
              <tr key={verdict} class="counts">
                <th scope="row">
                  <VerdictMark verdict={verdict} />
                </th>
                <td>{number(data.before.summary[verdict])}</td>
                <td>{number(data.after.summary[verdict])}</td>
                <td>{signed(data.after.summary[verdict] - data.before.summary[verdict])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const signed = (value: number): string => (value === 0 ? '' : value > 0 ? `+${number(value)}` : `−${number(-value)}`);

interface GroupProperties {
  group: Group;
  words: readonly string[];
  open: ReadonlySet<string>;
  toggle: (id: string) => void;
}

function GroupView({
  group: { name, title, explained, shape, changes, folded },
  words,
  open,
  toggle,
}: GroupProperties) {
  const texts = useMemo(() => changes.map(searchText), [changes]);
  const [choice, setChoice] = useState<boolean | null>(null);
  if (changes.length === 0) return null;
  const shown = texts.map((text) => words.every((word) => text.includes(word)));
  const visible = shown.filter(Boolean).length;
  const unfolded = choice ?? (!folded || words.length > 0 || changes.some(({ id }) => open.has(id)));
  return (
    <section class={`group ${name}`} hidden={visible === 0} aria-labelledby={`group-${name}`}>
      <h2 id={`group-${name}`}>
        <button type="button" aria-expanded={unfolded} onClick={() => setChoice(!unfolded)}>
          <span class="turn" aria-hidden="true" />
          <Shape verdict={shape} />
          {title}
          <span class="total">
            {visible === changes.length ? number(visible) : `${number(visible)} of ${number(changes.length)}`}
          </span>
        </button>
      </h2>
      <p class="explained">{explained}</p>
      <ul hidden={!unfolded}>
        {changes.map((change, index) => (
          <ChangeRow
            key={change.id}
            change={change}
            hidden={!shown[index]}
            open={open.has(change.id)}
            toggle={toggle}
          />
        ))}
      </ul>
    </section>
  );
}

const searchText = ({ id, before, after }: Change): string =>
  searchable(
    [
      id,
      ...[before, after].flatMap((result) => (result ? [result.statement, result.reason, result.verdict] : [])),
    ].join('\n'),
  );

render(<Page />, document.getElementById('app')!);
