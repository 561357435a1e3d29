import { useMemo, useRef, useState } from 'preact/hooks';
import type { PageResponse } from '../data.js';
import { EventTable, MarkNote } from './event-table.js';
import { count, duration, size } from './text.js';
import { Drawing } from './timeline-drawing.js';
import { type Mark, timelineOf } from './timeline-model.js';

/** An event stream over time: a drawing to scale and a table of all frames. */
export function StreamView({
  response,
  marks,
  name,
  beside,
}: {
  response: PageResponse;
  marks: readonly Mark[];
  name: string;
  /** Answers on the same time axis. */
  beside?: readonly PageResponse[];
}) {
  const timeline = useMemo(() => timelineOf(response, marks, beside), [response, marks, beside]);
  const table = useRef<HTMLTableElement>(null);
  const [picked, setPicked] = useState<number | null>(null);
  const pick = (index: number) => {
    setPicked(index);
    requestAnimationFrame(() =>
      table.current?.querySelector(`[data-row="${index}"]`)?.scrollIntoView({ block: 'center', behavior: 'instant' }),
    );
  };
  const marked = timeline.rows.filter((row) => row.marks.length > 0).length + Math.min(1, timeline.endMarks.length);
  return (
    <div class="stream">
      <p class="stream-sum">
        {count(timeline.events, 'event')} in {duration(timeline.endMs)}, first byte of the body after{' '}
        {duration(timeline.rows[0]?.frame.atMs ?? timeline.endMs)}
        {marked > 0 && <b class="fail">, {marked === 1 ? 'one place' : `${marked} places`} marked</b>}
      </p>
      {timeline.looseMarks.map((mark) => (
        <MarkNote key={mark.requirement + mark.finding.message} mark={mark} />
      ))}
      <Drawing timeline={timeline} pick={pick} />
      {timeline.leftOut > 0 && (
        <p class="left-out">
          {size(timeline.leftOut)} of this stream are left out of the page; report.json holds them.
        </p>
      )}
      <EventTable timeline={timeline} picked={picked} table={table} name={name} />
    </div>
  );
}
