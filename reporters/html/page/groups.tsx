import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ShownCause } from '../../causes.js';
import type { PageData, PageResult } from '../data.js';
import { encodeAnchor, requirementOf } from './filters.js';
import { FindingView } from './finding.js';
import { type Group, groupOf, ResultRow } from './results.js';
import { count, number, Prose, Text } from './text.js';
import { Shape } from './verdict.js';

interface ListProperties {
  data: PageData;
  shown: ReadonlySet<PageResult>;
  open: ReadonlySet<string>;
  filtered: boolean;
  anchor: string;
  printing: boolean;
  toggle: (id: string) => void;
}

/** Whether a list of results is unfolded: by the reader, or because it holds what they look for. */
function useFold(results: readonly PageResult[], folded: boolean, { filtered, anchor, printing }: ListProperties) {
  const [choice, setChoice] = useState<boolean | null>(null);
  const holdsAnchor = results.some(({ id }) => id === requirementOf(anchor));
  useEffect(() => setChoice(null), [filtered, holdsAnchor]);
  const unfolded = printing || (choice ?? (!folded || filtered || holdsAnchor));
  return { unfolded, turn: () => setChoice(!unfolded) };
}

/** Results with one verdict that no cause explains. */
export function GroupView(properties: ListProperties & { group: Group; explained: ReadonlySet<string> }) {
  const { group, explained, data, shown, printing } = properties;
  const results = useMemo(
    () => data.results.filter((result) => !explained.has(result.id) && groupOf(result) === group),
    [data, group, explained],
  );
  const { unfolded, turn } = useFold(results, group.folded, properties);
  const visible = results.filter((result) => shown.has(result)).length;
  if (results.length === 0) return null;
  const unfold = printing && group.verdict !== 'pass' && group.verdict !== 'skipped';
  return (
    <section class={`group ${group.name}`} hidden={visible === 0} aria-labelledby={`group-${group.name}`}>
      <h2 id={`group-${group.name}`}>
        <button type="button" aria-expanded={unfolded} onClick={turn}>
          <span class="turn" aria-hidden="true" />
          <Shape verdict={group.verdict} />
          {group.title}
          <span class="total">
            {visible === results.length ? number(visible) : `${number(visible)} of ${number(results.length)}`}
          </span>
        </button>
      </h2>
      <p class="explained">{group.explained}</p>
      <Rows {...properties} results={results} hidden={!unfolded} unfold={unfold} />
    </section>
  );
}

/** A cause: what is wrong, the finding that shows it, and on demand what it explains. */
export function CauseView(
  properties: ListProperties & { cause: ShownCause<PageResult>; index: number; total: number },
) {
  const { cause, index, total, data, shown, printing } = properties;
  const { results, numbers, fails } = cause;
  const { unfolded, turn } = useFold(results, true, properties);
  const visible = results.filter((result) => shown.has(result)).length;
  const [first] = results;
  const [finding] = first?.findings ?? [];
  const verdict = fails ? 'fail' : 'warn';
  return (
    <section class={`group cause ${verdict}`} hidden={visible === 0} aria-labelledby={`cause-${index}`}>
      <p class="kicker">
        {total === 1 ? 'One cause' : `Cause ${index + 1} of ${total}`} <span>explains {numbers}</span>
      </p>
      <h2 id={`cause-${index}`}>
        <Shape verdict={verdict} />
        <Prose>{cause.cause.title}</Prose>
      </h2>
      {finding !== undefined && (
        <FindingView
          finding={finding}
          places={[finding]}
          printing={printing}
          said={cause.cause.title.endsWith(finding.message)}
          positionOf={(id) => data.exchanges.findIndex((exchange) => exchange.id === id)}
          show={showExchange(data)}
        />
      )}
      <p class="explains">
        <button type="button" class="link" aria-expanded={unfolded} onClick={turn}>
          {unfolded ? 'Fold' : 'Show'} {visible === results.length ? 'the' : `${number(visible)} of`}{' '}
          {count(results.length, 'requirement')}
        </button>
        {first !== undefined && (
          <span>
            e.g.{' '}
            <a href={`#${encodeAnchor(first.id)}`} data-anchor={first.id}>
              <Text class="mono">{first.id}</Text>
            </a>
          </span>
        )}
      </p>
      <Rows {...properties} results={results} hidden={!unfolded} unfold={false} />
    </section>
  );
}

/** Leads to the exchange in the list of all, which has room for it. */
const showExchange = (data: PageData) => (position: number) => {
  location.hash = encodeAnchor(`exchange/${data.exchanges[position]!.id}`);
};

function Rows(properties: ListProperties & { results: readonly PageResult[]; hidden: boolean; unfold: boolean }) {
  const { results, data, shown, open, printing, toggle, hidden, unfold } = properties;
  return (
    <ul hidden={hidden}>
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
  );
}
