import { render } from 'preact';
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { explainedIds, shownCauses } from '../../causes.js';
import type { PageData } from '../data.js';
import { AllExchanges } from './all-exchanges.js';
import { Clients } from './clients.js';
import {
  type Address,
  encodeAnchor,
  type Filters,
  isFiltered,
  matcher,
  NO_FILTERS,
  readHash,
  requirementOf,
  searchTexts,
  writeHash,
} from './filters.js';
import { CauseView, GroupView } from './groups.js';
import { BaselineProblems, Facts, Masthead, Notices, NotJudged, Profiles, Totals } from './head.js';
import { reveal, revealOnLoad, setHash, usePrinting, useSearchKey } from './hooks.js';
import { BROKEN, type Group, NOT_JUDGED, SATISFIED } from './results.js';
import { number } from './text.js';
import { restoreTheme } from './theme.js';
import { Toolbar } from './toolbar.js';

restoreTheme();
const data: PageData = JSON.parse(document.getElementById('data')!.textContent!);

function Page({ data }: { data: PageData }) {
  const [address, setAddress] = useState<Address>(() => readHash(location.hash));
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set([requirementOf(address.anchor)]));
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
        if (opened || requirementOf(anchor) === id) go({ ...current.current, anchor: opened ? id : '' });
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
  const filtered = isFiltered(filters);
  const common = { data, shown, open, filtered, anchor: address.anchor, printing, toggle };
  const causes = useMemo(() => shownCauses(data), [data]);
  const explained = useMemo(() => explainedIds(causes), [causes]);
  const groups = (chosen: readonly Group[]) =>
    chosen.map((group) => <GroupView key={group.name} group={group} explained={explained} {...common} />);
  const narrow = (change: Partial<Filters>) => {
    show(change);
    requestAnimationFrame(() => reveal('results'));
  };
  return (
    <>
      <a class="skip" href="#results" data-anchor="results">
        Skip to the results
      </a>
      <Masthead data={data} />
      <main>
        <BaselineProblems data={data} />
        <section id="results" aria-labelledby="results-title" class="results" tabIndex={-1}>
          <h2 id="results-title" class="unseen">
            Requirements
          </h2>
          <Totals data={data} filters={filters} show={show} />
          <Toolbar data={data} filters={filters} show={show} shown={shown.size} />
          {causes.map((cause, index) => (
            <CauseView key={index} cause={cause} index={index} total={causes.length} {...common} />
          ))}
          {groups(BROKEN)}
          {shown.size === 0 && (
            <p class="nothing">
              No requirement fits.{' '}
              <button type="button" class="link" onClick={() => show(NO_FILTERS)}>
                Show all {number(data.results.length)}
              </button>
            </p>
          )}
          <div class="overview" hidden={filtered}>
            <Profiles data={data} filters={filters} show={narrow} />
            <Facts data={data} />
          </div>
          <Clients data={data} />
          <Notices data={data} />
          {groups(SATISFIED)}
          <NotJudged data={data} show={narrow} hidden={filtered} />
          {groups(NOT_JUDGED)}
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

/** The link itself, for whoever wants to send it on; where the clipboard is closed it still stands in the address. */
function copyLink(anchor: string): void {
  const address = `${location.href.replace(/#.*$/s, '')}#${encodeAnchor(anchor)}`;
  navigator.clipboard?.writeText(address).catch(() => {});
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
      const result = data.results.find(({ id }) => id === requirementOf(next.anchor));
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
    if (first.anchor) {
      arrive(first);
      revealOnLoad(first.anchor);
    }
    const onHash = () => arrive(readHash(location.hash));
    const onClick = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a[data-anchor]') : null;
      if (link === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const anchor = link.getAttribute('data-anchor') ?? '';
      arrive({ ...current.current, anchor });
      if (link.classList.contains('anchor')) copyLink(anchor);
    };
    addEventListener('hashchange', onHash);
    document.addEventListener('click', onClick);
    return () => {
      removeEventListener('hashchange', onHash);
      document.removeEventListener('click', onClick);
    };
  }, [arrive, current]);
}

render(<Page data={data} />, document.getElementById('app')!);
