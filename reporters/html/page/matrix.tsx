import { render } from 'preact';
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { LEVELS, VERDICTS } from '../../../core/protocol.js';
import { searchable } from '../../code-spans.js';
import type { MatrixCell, MatrixData, MatrixRow, MatrixTarget } from '../matrix-data.js';
import { Choice, SearchBox } from './fields.js';
import { readParts, writeParts } from './filters.js';
import { reveal, setHash, useSearchKey } from './hooks.js';
import { Group, MANY, PageLink, words } from './matrix-table.js';
import { count, number, Scroll, Text } from './text.js';
import { restoreTheme, ThemeChoice } from './theme.js';
import { CountBar, totalOf, URGENT_FIRST } from './verdict.js';

restoreTheme();
const data: MatrixData = JSON.parse(document.getElementById('data')!.textContent!);

interface Filters {
  q: string;
  verdict: string;
  /** `yes`: only requirements that a target violates silently. */
  silent: string;
  level: string;
  profile: string;
  /** `yes`: only requirements in which targets differ. */
  differ: string;
}

interface Address {
  /** Id of a requirement; `@` and the name of a target select a cell. */
  anchor: string;
  filters: Filters;
}

const NONE: Filters = { q: '', verdict: '', silent: '', level: '', profile: '', differ: '' };

function read(hash: string): Address {
  const { anchor, parameters } = readParts(hash);
  const filters = { ...NONE };
  for (const name of Object.keys(NONE) as (keyof Filters)[]) filters[name] = parameters.get(name) ?? '';
  return { anchor, filters };
}

/** Row and column that an anchor names; `row` is -1 for none. */
function locateAnchor(anchor: string): { row: number; column: number } {
  const split = anchor.lastIndexOf('@');
  const [id, name] = split < 0 ? [anchor, null] : [anchor.slice(0, split), anchor.slice(split + 1)];
  return {
    row: data.rows.findIndex((row) => row.id === id),
    column: name === null ? -1 : data.targets.findIndex((target) => target.name === name),
  };
}

function Page() {
  const [address, setAddress] = useState<Address>(() => read(location.hash));
  const current = useRef(address);
  current.current = address;
  const { anchor, filters } = address;
  const texts = useMemo(() => data.rows.map(searchText), []);
  const go = useCallback((next: Address) => {
    setAddress(next);
    setHash(writeParts(next.anchor, { ...next.filters }));
  }, []);
  const show = (change: Partial<Filters>) => go({ anchor, filters: { ...filters, ...change } });
  const pick = useCallback(
    (id: string, name: string | null) => {
      const cell = name === null ? id : `${id}@${name}`;
      const { anchor: before, filters: kept } = current.current;
      go({ anchor: before === cell ? '' : cell, filters: kept });
    },
    [go],
  );
  useSearchKey();
  useLayoutEffect(() => {
    const arrive = () => {
      const next = read(location.hash);
      const { row } = locateAnchor(next.anchor);
      const hidden = row >= 0 && !fits(data.rows[row]!, texts[row]!, next.filters);
      go(hidden ? { ...next, filters: NONE } : next);
      requestAnimationFrame(() => reveal(row >= 0 ? data.rows[row]!.id : next.anchor));
    };
    if (location.hash) arrive();
    addEventListener('hashchange', arrive);
    return () => removeEventListener('hashchange', arrive);
  }, [go, texts]);

  const open = locateAnchor(anchor);
  const shown = data.rows.map((row, index) => fits(row, texts[index]!, filters));
  const total = shown.filter(Boolean).length;
  return (
    <>
      <a class="skip" href="#matrix">
        Skip to the matrix
      </a>
      <header class="masthead">
        <div class="topline">
          <p class="brand">
            Messages API conformance <span>matrix</span>
          </p>
          <ThemeChoice />
        </div>
        <h1>{count(data.targets.length, data.column ?? 'target')} side by side</h1>
        <p class="subject">{count(data.rows.length, 'requirement')}, grouped by profile. A cell opens its evidence.</p>
      </header>
      <main>
        <section id="matrix" aria-labelledby="matrix-title" class="results" tabIndex={-1}>
          <h2 id="matrix-title" class="unseen">
            Requirements by targets
          </h2>
          <Toolbar filters={filters} show={show} shown={total} />
          <Legend />
          <Scroll class="matrix-box" label="Requirements by targets">
            <table class={data.targets.length > MANY ? 'matrix many' : 'matrix'} aria-labelledby="matrix-title">
              <thead>
                <tr>
                  <th scope="col" class="corner">
                    Requirement
                  </th>
                  {data.targets.map(({ name, summary }) => (
                    <th scope="col" class="target" key={name} title={name}>
                      <span class="target-name">
                        <Text>{name}</Text>
                      </span>
                      <b class={summary.fail > 0 ? 'fail' : 'none'}>
                        {number(summary.fail)}
                        <span class="unseen"> failures</span>
                      </b>
                    </th>
                  ))}
                </tr>
              </thead>
              {profiles().map((profile) => (
                <Group
                  key={profile}
                  targets={data.targets}
                  rows={data.rows}
                  profile={profile}
                  shown={shown}
                  open={open}
                  pick={pick}
                />
              ))}
            </table>
          </Scroll>
          {total === 0 && (
            <p class="nothing">
              No requirement fits.{' '}
              <button type="button" class="link" onClick={() => show(NONE)}>
                Show all {number(data.rows.length)}
              </button>
            </p>
          )}
        </section>
        <Targets />
      </main>
      <footer>
        <p>This file needs no network. The report.json files have all the data.</p>
      </footer>
    </>
  );
}

const profiles = (): string[] => [...new Set(data.rows.map(({ profile }) => profile))];

const searchText = ({ id, statement, cells }: MatrixRow): string =>
  searchable([id, statement, ...cells.map((cell) => cell?.reason ?? '')].join('\n').slice(0, 20_000));

function fits(row: MatrixRow, text: string, { q, verdict, silent, level, profile, differ }: Filters): boolean {
  const has = (cell: MatrixCell | null) =>
    cell !== null && (verdict === '' || cell.verdict === verdict) && (silent === '' || cell.silent);
  return (
    ((verdict === '' && silent === '') || row.cells.some(has)) &&
    (level === '' || row.level === level) &&
    (profile === '' || row.profile === profile) &&
    (differ === '' || new Set(row.cells.map(words)).size > 1) &&
    searchable(q)
      .split(/\s+/)
      .every((word) => text.includes(word))
  );
}

function Targets() {
  return (
    <section aria-labelledby="targets-title" class="targets">
      <h2 id="targets-title" class="unseen">
        Targets
      </h2>
      <Scroll class="scroll" label="Targets">
        <table aria-labelledby="targets-title">
          <thead>
            <tr>
              <th scope="col">Target</th>
              <th scope="col">Model</th>
              <th scope="col">Contract</th>
              <th scope="col">Run</th>
              <th scope="col" class="wide">
                <span class="unseen">Share of verdicts</span>
              </th>
              {['Fail', 'Warn', 'Pass', 'Not judged'].map((name) => (
                <th scope="col" class="figure" key={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.targets.map((target) => (
              <TargetRow key={target.name} target={target} />
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function TargetRow({ target }: { target: MatrixTarget }) {
  const { name, page, baseUrl, model, contract, startedAt, suite, interrupted, summary } = target;
  return (
    <tr>
      <th scope="row">
        <b>
          <PageLink page={page} hash="">
            <Text>{name}</Text>
          </PageLink>
        </b>
        {name !== baseUrl && <Text class="mono second">{baseUrl}</Text>}
        {interrupted !== null && <span class="tag fail">ended early</span>}
      </th>
      <td>
        <Text>{model}</Text>
      </td>
      <td>
        <Text>{contract}</Text>
      </td>
      <td>
        <Text>{startedAt.slice(0, 10)}</Text>
        <Text class="second">{suite}</Text>
      </td>
      <td class="wide">
        <CountBar counts={summary} label={name} />
      </td>
      <td class={summary.fail ? 'figure fail' : 'figure none'}>
        {number(summary.fail)}
        {summary.silent > 0 && <small> {number(summary.silent)} silent</small>}
      </td>
      <td class={summary.warn ? 'figure warn' : 'figure none'}>{number(summary.warn)}</td>
      <td class="figure">{number(summary.pass)}</td>
      <td class="figure muted">{number(totalOf(summary) - summary.fail - summary.warn - summary.pass)}</td>
    </tr>
  );
}

function Toolbar(properties: { filters: Filters; show: (change: Partial<Filters>) => void; shown: number }) {
  const { filters, show, shown } = properties;
  const choice = (name: 'verdict' | 'level' | 'profile', label: string, values: readonly string[]) => (
    <Choice label={label} values={values} chosen={filters[name]} choose={(value) => show({ [name]: value })} />
  );
  return (
    <search class="toolbar">
      <SearchBox query={filters.q} search={(q) => show({ q })} />
      {choice('verdict', 'Verdict', VERDICTS)}
      {choice('level', 'Level', LEVELS)}
      {choice('profile', 'Profile', profiles())}
      <Check label="silent only" on={filters.silent !== ''} turn={(on) => show({ silent: on ? 'yes' : '' })} />
      <Check label="differences only" on={filters.differ !== ''} turn={(on) => show({ differ: on ? 'yes' : '' })} />
      <p role="status">
        {shown === data.rows.length
          ? count(shown, 'requirement')
          : `${number(shown)} of ${count(data.rows.length, 'requirement')}`}
      </p>
      <button
        type="button"
        class="quiet"
        disabled={Object.values(filters).every((value) => value === '')}
        onClick={() => show(NONE)}
      >
        Clear
      </button>
    </search>
  );
}

function Check({ label, on, turn }: { label: string; on: boolean; turn: (on: boolean) => void }) {
  return (
    <label class="check">
      <input type="checkbox" checked={on} onChange={(event) => turn(event.currentTarget.checked)} />
      {label}
    </label>
  );
}

/** What the signs in the cells mean. */
function Legend() {
  return (
    <ul class="legend">
      {URGENT_FIRST.map((verdict) => (
        <li key={verdict} class={`cell ${verdict}`}>
          <i aria-hidden="true" /> {verdict}
        </li>
      ))}
      <li class="cell fail quiet-fault">
        <i aria-hidden="true" /> silent
      </li>
    </ul>
  );
}

render(<Page />, document.getElementById('app')!);
