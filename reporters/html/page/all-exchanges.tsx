import { useEffect, useMemo, useState } from 'preact/hooks';
import type { PageData } from '../data.js';
import { Exchange } from './exchange.js';
import { reveal } from './hooks.js';
import { number } from './text.js';
import type { Mark } from './timeline-model.js';

/** All exchanges of the run in the order of sending, with their findings. */
export function AllExchanges({ data, anchor }: { data: PageData; anchor: string }) {
  const named = anchor.startsWith('exchange/') ? anchor.slice('exchange/'.length) : null;
  const [unfolded, setUnfolded] = useState(false);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const marks = useMemo(() => allMarks(data), [data]);
  useEffect(() => {
    if (named === null) return;
    setUnfolded(true);
    setOpened((before) => new Set([...before, named]));
    requestAnimationFrame(() => requestAnimationFrame(() => reveal(anchor)));
  }, [named, anchor]);
  if (data.exchanges.length === 0) return null;
  const toggle = (id: string) => {
    const next = new Set(opened);
    if (!next.delete(id)) next.add(id);
    setOpened(next);
  };
  return (
    <section class="group exchanges-all" aria-labelledby="exchanges-title">
      <h2 id="exchanges-title">
        <button type="button" aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
          <span class="turn" aria-hidden="true" />
          All exchanges
          <span class="total">{number(data.exchanges.length)}</span>
        </button>
      </h2>
      <p class="explained">What was sent and what came back, in order.</p>
      {unfolded &&
        data.exchanges.map((exchange) => (
          <Exchange
            key={exchange.id}
            exchange={exchange}
            marks={marks.get(exchange.id) ?? []}
            open={opened.has(exchange.id)}
            toggle={() => toggle(exchange.id)}
            anchor={`exchange/${exchange.id}`}
            linked
            level={3}
          />
        ))}
    </section>
  );
}

function allMarks(data: PageData): Map<string, Mark[]> {
  const marks = new Map<string, Mark[]>();
  for (const result of data.results) {
    if (result.verdict === 'pass') continue;
    for (const finding of result.findings) {
      if (finding.exchange === null) continue;
      marks.set(finding.exchange, [...(marks.get(finding.exchange) ?? []), { finding, requirement: result.id }]);
    }
  }
  return marks;
}
