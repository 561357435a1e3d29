import { useMemo, useState } from 'preact/hooks';
import { JsonText } from './json.js';
import { count, duration, number, Raw, size, Text } from './text.js';
import { foldRuns, joinedGist, type Mark, type Scale, type Timeline, type TimelineRow } from './timeline-model.js';

const MANY = 160;

interface TableProperties {
  timeline: Timeline;
  picked: number | null;
  table: { current: HTMLTableElement | null };
  name: string;
}

/** A table with a row for each frame of a stream; the raw bytes unfold. */
export function EventTable({ timeline, picked, table, name }: TableProperties) {
  const groups = useMemo(() => foldRuns(timeline.rows), [timeline]);
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set());
  const [whole, setWhole] = useState(false);
  const long = groups.length > MANY + 20;
  const nearMark = new Set<number>();
  for (const [index, group] of groups.entries()) {
    if (group.rows.some((row) => row.marks.length > 0))
      for (let near = index - 5; near <= index + 5; near += 1) nearMark.add(near);
  }
  const visible = (index: number) =>
    whole || !long || index < MANY / 2 || index >= groups.length - 20 || nearMark.has(index);
  let hidden = 0;
  let lastEnd = 0;
  const body: preact.ComponentChildren[] = [];
  for (const [index, group] of groups.entries()) {
    const holdsPicked = picked !== null && picked >= group.first && picked < group.first + group.rows.length;
    if (!visible(index) && !holdsPicked) {
      hidden += group.rows.length;
      lastEnd = group.rows.at(-1)!.frame.end;
      continue;
    }
    if (hidden > 0) body.push(<Hidden key={`h${index}`} frames={hidden} show={() => setWhole(true)} />);
    hidden = 0;
    const from = group.rows[0]!.frame.offset;
    if (timeline.leftOut > 0 && from > lastEnd + 3) body.push(<LeftOut key={`l${index}`} bytes={from - lastEnd} />);
    lastEnd = group.rows.at(-1)!.frame.end;
    if (group.rows.length > 1 && !unfolded.has(group.first) && !holdsPicked) {
      body.push(
        <Run
          key={`r${group.first}`}
          rows={group.rows}
          at={timeline.at}
          unfold={() => setUnfolded(new Set([...unfolded, group.first]))}
        />,
      );
    } else {
      for (const [position, row] of group.rows.entries()) {
        const at = group.first + position;
        body.push(<EventRow key={at} index={at} row={row} at={timeline.at} picked={picked === at} />);
      }
    }
  }
  if (hidden > 0) body.push(<Hidden key="hend" frames={hidden} show={() => setWhole(true)} />);
  return (
    <div class="scroll">
      <table class="events" ref={table} aria-label={`Events of ${name}`}>
        <thead>
          <tr>
            <th scope="col" class="figure count">
              #
            </th>
            <th scope="col" class="figure">
              Arrived
            </th>
            <th scope="col" class="figure since">
              After
            </th>
            <th scope="col" class="waterfall">
              <span class="unseen">To scale</span>
            </th>
            <th scope="col" class="kind">
              Event
            </th>
            <th scope="col" class="lane-name">
              Lane
            </th>
            <th scope="col">Data</th>
          </tr>
        </thead>
        <tbody>
          {body}
          <tr class={timeline.endMarks.length > 0 ? 'end marked' : 'end'} data-row={timeline.rows.length}>
            <td />
            <td class="figure">{duration(timeline.endMs)}</td>
            <td class="since" />
            <td class="waterfall" />
            <td colSpan={3}>end of the body</td>
          </tr>
          {timeline.endMarks.length > 0 && <NoteRow marks={timeline.endMarks} />}
        </tbody>
      </table>
    </div>
  );
}

/** Findings in full width below the event that they are about. */
function NoteRow({ marks }: { marks: readonly Mark[] }) {
  return (
    <tr class="marked notes">
      <td colSpan={7}>
        {marks.map((mark) => (
          <MarkNote key={mark.requirement + mark.finding.message} mark={mark} />
        ))}
      </td>
    </tr>
  );
}

function Hidden({ frames, show }: { frames: number; show: () => void }) {
  return (
    <tr class="hidden-rows">
      <td colSpan={7}>
        <button type="button" class="more" onClick={show}>
          Show {count(frames, 'frame')}
        </button>
      </td>
    </tr>
  );
}

function LeftOut({ bytes }: { bytes: number }) {
  return (
    <tr class="hidden-rows">
      <td colSpan={7}>{size(bytes)} left out of the page</td>
    </tr>
  );
}

/** The time since the previous frame, to scale. */
function Waterfall({ from, to, at }: { from: number; to: number; at: Scale }) {
  const percent = (ms: number) => `${at(ms) * 100}%`;
  return (
    <td class="waterfall">
      <div>
        <i style={{ left: percent(from), width: `${(at(to) - at(from)) * 100}%` }} />
        <b style={{ left: percent(to) }} />
      </div>
    </td>
  );
}

function Run({ rows, at, unfold }: { rows: readonly TimelineRow[]; at: Scale; unfold: () => void }) {
  const first = rows[0]!;
  const last = rows.at(-1)!;
  return (
    <tr class="run">
      <td class="figure">{first.frame.number === null ? '' : `${first.frame.number}–${last.frame.number}`}</td>
      <td class="figure">{duration(last.frame.atMs)}</td>
      <td class="figure muted since">{rows.length} ×</td>
      <Waterfall from={first.frame.atMs - first.sinceBefore} to={last.frame.atMs} at={at} />
      <td class="kind">
        <button type="button" class="name" aria-expanded={false} onClick={unfold}>
          {rows.length} × <Text>{first.what}</Text>
        </button>
      </td>
      <td class="lane-name">
        <Text>{first.lane}</Text>
      </td>
      <td class="gist">
        <Text>{joinedGist(rows)}</Text>
      </td>
    </tr>
  );
}

function EventRow({ row, index, at, picked }: { row: TimelineRow; index: number; at: Scale; picked: boolean }) {
  const [open, setOpen] = useState(false);
  const { frame } = row;
  const shown = open || picked;
  const name = frame.number === null ? row.what : `${frame.number}, ${row.what}`;
  const kind = [row.marks.length > 0 && 'marked', picked && 'picked', row.frame.number === null && 'quiet-row']
    .filter(Boolean)
    .join(' ');
  return (
    <>
      <tr class={kind} data-row={index}>
        <td class="figure">{frame.number ?? '·'}</td>
        <td class="figure">{duration(frame.atMs)}</td>
        <td class="figure muted since">{row.sinceBefore >= 0.05 ? `+${duration(row.sinceBefore)}` : ''}</td>
        <Waterfall from={frame.atMs - row.sinceBefore} to={frame.atMs} at={at} />
        <td class="kind">
          <button
            type="button"
            class="name"
            aria-expanded={shown}
            aria-label={`Frame ${name}`}
            onClick={() => setOpen(!open)}
          >
            <Text>{row.what}</Text>
          </button>
        </td>
        <td class="lane-name">
          <Text>{row.lane}</Text>
        </td>
        <td class="gist">
          <Text>{row.gist}</Text>
          {!frame.terminated && !frame.cut && <span class="tag warn">no empty line after it</span>}
        </td>
      </tr>
      {row.marks.length > 0 && <NoteRow marks={row.marks} />}
      {shown && (
        <tr class="frame">
          <td colSpan={7}>
            <FrameView row={row} />
          </td>
        </tr>
      )}
    </>
  );
}

/** Expected and actual at one place. */
export function MarkNote({ mark }: { mark: Mark }) {
  const { expected, actual } = mark.finding;
  return (
    <div class="note">
      expected <Text class="mono">{expected}</Text>, got <Text class="mono">{actual}</Text>
    </div>
  );
}

function FrameView({ row }: { row: TimelineRow }) {
  const { frame } = row;
  const marks = row.marks
    .filter(({ pointer }) => pointer !== undefined)
    .map(({ pointer, finding }) => ({ pointer: pointer!, note: `expected ${finding.expected}` }));
  return (
    <>
      <p class="muted">
        Bytes {number(frame.offset)} to {number(frame.end)}
        {frame.cut && ', truncated: report.json has the rest'}
      </p>
      <div class="pair">
        <div>
          <p class="caption">Raw frame</p>
          <Raw text={frame.raw} label={`Raw frame ${frame.number ?? ''}`} />
        </div>
        {frame.data !== null && (
          <div>
            <p class="caption">Data</p>
            <JsonText text={frame.data} marks={marks} label={`Data of event ${frame.number}`} />
          </div>
        )}
      </div>
    </>
  );
}
