import { render } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PageData } from '../data.js';
import { AllExchanges } from './all-exchanges.js';
import {
  type Address,
  type Filters,
  isFiltered,
  matcher,
  NO_FILTERS,
  readHash,
  searchTexts,
  writeHash,
} from './filters.js';
import { Facts, Masthead, Notices, NotJudged, Profiles, Totals } from './head.js';
import { reveal, setHash, usePrinting, useSearchKey } from './hooks.js';
import { GROUPS, groupOf, ResultRow } from './results.js';
import { number } from './text.js';
import { restoreTheme } from './theme.js';
import { Toolbar } from './toolbar.js';
import { Shape } from './verdict.js';

restoreTheme();
const data: PageData = JSON.parse(document.getElementById('data')!.textContent!);

function Page({ data }: { data: PageData }) {
  const [address, setAddress] = useState<Address>(() => readHash(location.hash));
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set([address.anchor]));
  const [printing, setPrinting] = useState(false);
  const { filters } = address;
  const texts = useMemo(() => searchTexts(data), [data]);

  const go = useCallback((next: Address) => {
    setAddress(next);
    setHash(writeHash(next));
  }, []);
  const current = useRef(address);
  current.current = address;
  const show = useCallback(
    (change: Partial<Filters>) => go({ ...current.current, filters: { ...current.current.filters, ...change } }),
    [go],
  );
  const toggle = useCallback(
    (id: string) => {
      setOpen((before) => {
        const next = new Set(before);
        const opened = !next.delete(id);
        if (opened) next.add(id);
        const { anchor } = current.current;
        if (opened || anchor === id) go({ ...current.current, anchor: opened ? id : '' });
        return next;
      });
    },
    [go],
  );

  useArrival(data, setOpen, go, current);
  usePrinting(setPrinting);
  useSearchKey();

  const matches = matcher(filters);
  const shown = new Set(data.results.filter((result, index) => matches(result, texts[index]!)));
  return (
    <>
      <a class="skip" href="#results" data-anchor="results">
        Skip to the results
      </a>
      <Masthead data={data} />
      <main>
        <Totals data={data} filters={filters} show={show} />
        <div class="overview">
          <Profiles data={data} filters={filters} show={show} />
          <Facts data={data} />
        </div>
        <div class="overview">
          <NotJudged data={data} show={show} />
          <Notices data={data} />
        </div>
        <section id="results" aria-labelledby="results-title" class="results" tabIndex={-1}>
          <h2 id="results-title" class="unseen">
            Requirements
          </h2>
          <Toolbar data={data} filters={filters} show={show} shown={shown.size} />
          {GROUPS.map((group) => (
            <GroupView
              key={group.name}
              group={group}
              data={data}
              shown={shown}
              open={open}
              filtered={isFiltered(filters)}
              anchor={address.anchor}
              printing={printing}
              toggle={toggle}
            />
          ))}
          {shown.size === 0 && (
            <p class="nothing">
              No requirement fits.{' '}
              <button type="button" class="link" onClick={() => show(NO_FILTERS)}>
                Show all {number(data.results.length)}
              </button>
            </p>
          )}
        </section>
        <AllExchanges data={data} anchor={address.anchor} />
      </main>
      <footer>
        <p>
          Made by {data.suite.name} {data.suite.version}. This file needs no network; report.json beside it holds the
          same run in full.
        </p>
      </footer>
    </>
  );
}

/** Follows the URL: opens what the anchor names, and keeps the filters when the reader follows a link in the page. */
function useArrival(
  data: PageData,
  setOpen: (change: (before: ReadonlySet<string>) => ReadonlySet<string>) => void,
  go: (next: Address) => void,
  current: { current: Address },
): void {
  const arrive = useCallback(
    (next: Address) => {
      const result = data.results.find(({ id }) => id === next.anchor);
      const hidden =
        result !== undefined && !matcher(next.filters)(result, searchTexts({ ...data, results: [result] })[0]!);
      if (result) setOpen((before) => new Set([...before, result.id]));
      go(hidden ? { ...next, filters: NO_FILTERS } : next);
      requestAnimationFrame(() => reveal(next.anchor));
    },
    [data, go, setOpen],
  );
  useLayoutEffect(() => {
    const first = readHash(location.hash);
    if (first.anchor) arrive(first);
    const onHash = () => arrive(readHash(location.hash));
    const onClick = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a[data-anchor]') : null;
      if (link === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      arrive({ ...current.current, anchor: link.getAttribute('data-anchor') ?? '' });
    };
    addEventListener('hashchange', onHash);
    document.addEventListener('click', onClick);
    return () => {
      removeEventListener('hashchange', onHash);
      document.removeEventListener('click', onClick);
    };
  }, [arrive, current]);
}

interface GroupProperties {
  group: (typeof GROUPS)[number];
  data: PageData;
  shown: ReadonlySet<PageData['results'][number]>;
  open: ReadonlySet<string>;
  filtered: boolean;
  anchor: string;
  printing: boolean;
  toggle: (id: string) => void;
}

function GroupView({ group, data, shown, open, filtered, anchor, printing, toggle }: GroupProperties) {
  const results = useMemo(() => data.results.filter((result) => groupOf(result) === group), [data, group]);
  const [choice, setChoice] = useState<boolean | null>(null);
  const visible = results.filter((result) => shown.has(result)).length;
  const holdsAnchor = results.some(({ id }) => id === anchor);
  useEffect(() => setChoice(null), [filtered, holdsAnchor]);
  if (results.length === 0) return null;
  const unfolded = printing || (choice ?? (!group.folded || filtered || holdsAnchor));
  const unfold = printing && group.verdict !== 'pass' && group.verdict !== 'skipped';
  return (
    <section class={`group ${group.name}`} hidden={visible === 0} aria-labelledby={`group-${group.name}`}>
      <h2 id={`group-${group.name}`}>
        <button type="button" aria-expanded={unfolded} onClick={() => setChoice(!unfolded)}>
          <span class="turn" aria-hidden="true" />
          <Shape verdict={group.verdict} />
          {group.title}
          <span class="total">
            {visible === results.length ? number(visible) : `${number(visible)} of ${number(results.length)}`}
          </span>
        </button>
      </h2>
      <p class="explained">{group.explained}</p>
      <ul hidden={!unfolded}>
        {results.map((result) => (
          <ResultRow
            key={result.id}
            result={result}
            data={data}
            hidden={!shown.has(result)}
            open={open.has(result.id) || unfold}
            printing={printing}
            toggle={toggle}
          />
        ))}
      </ul>
    </section>
  );
}

render(<Page data={data} />, document.getElementById('app')!);
