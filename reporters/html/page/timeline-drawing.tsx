import { count, duration, Text } from './text.js';
import { FILLER_LANE, MESSAGE_LANE, type Timeline } from './timeline-model.js';

const LANE_HEIGHT = 34;
const AXIS_HEIGHT = 26;

/** A stream over time: lanes for the message, each block index and pings, and flags on marked events; long silences are shortened. */
export function Drawing({ timeline, pick }: { timeline: Timeline; pick: (index: number) => void }) {
  const { rows, lanes, bars, silences, at, endMs, headersMs, waitMs } = timeline;
  const x = (ms: number) => `${(at(ms) * 100).toFixed(3)}%`;
  const wide = (from: number, to: number) => `${((at(to) - at(from)) * 100).toFixed(3)}%`;
  const isPassed = (ms: number) => silences.some(({ from, to, compressed }) => compressed && from < ms && ms < to);
  const ticks = ticksFor(endMs).filter((ms, index, all) => {
    const near = index > 0 && at(ms) - at(all[index - 1]!) < 0.08;
    return ms === 0 || !(near || isPassed(ms) || (ms < waitMs && waitMs > endMs * 0.3));
  });
  const y = (lane: string) => AXIS_HEIGHT + lanes.indexOf(lane) * LANE_HEIGHT;
  const flags = rows.filter(({ marks }) => marks.length > 0).map(({ frame }) => at(frame.atMs));
  const height = AXIS_HEIGHT + lanes.length * LANE_HEIGHT + 2;
  const words = `${count(timeline.events, 'event')} over ${duration(endMs)} in lanes ${lanes.join(', ')}.${silences
    .map(({ from, to }) => ` Nothing came for ${duration(to - from)} from ${duration(from)} on.`)
    .join('')} The table below lists every frame.`;
  return (
    <div class="drawing">
      <div class="lane-names" aria-hidden="true">
        {lanes.map((lane) => (
          <span key={lane}>
            <Text>{lane}</Text>
          </span>
        ))}
      </div>
      <div class="lanes">
        <svg height={height} role="img" aria-label={words}>
          {lanes.map((lane, index) => (
            <rect key={lane} class={index % 2 ? 'lane odd' : 'lane'} width="100%" y={y(lane)} height={LANE_HEIGHT} />
          ))}
          {ticks.map((ms) => (
            <g key={ms} class="tick">
              <line x1={x(ms)} x2={x(ms)} y1={AXIS_HEIGHT - 6} y2={height} />
              {!flags.some((flag) => Math.abs(flag - at(ms)) < 0.07) && (
                <text x={ms === 0 ? 3 : x(ms)} y={AXIS_HEIGHT - 10} text-anchor={ms === 0 ? 'start' : 'middle'}>
                  {duration(ms)}
                </text>
              )}
            </g>
          ))}
          <rect class="before" width={x(headersMs)} y={AXIS_HEIGHT} height={height - AXIS_HEIGHT}>
            <title>Waiting for the headers: {duration(headersMs)}</title>
          </rect>
          {silences.map(({ from, to, compressed }) => (
            <rect
              key={from}
              class={compressed ? 'silence compressed' : 'silence'}
              x={x(from)}
              width={wide(from, to)}
              y={AXIS_HEIGHT}
              height={height - AXIS_HEIGHT}
            >
              <title>
                Nothing came for {duration(to - from)}
                {compressed && ', drawn shorter'}
              </title>
            </rect>
          ))}
          {bars.map((bar, index) => (
            <rect
              key={index}
              class={bar.to === null ? 'block open' : 'block'}
              x={x(bar.from)}
              width={wide(bar.from, bar.to ?? endMs)}
              y={y(bar.lane) + 4}
              height={LANE_HEIGHT - 8}
              rx="3"
            >
              <title>
                {bar.label}, {duration(bar.from)} to {bar.to === null ? 'the end: never stopped' : duration(bar.to)}
              </title>
            </rect>
          ))}
          {rows.map((row, index) => {
            const kind = row.lane === FILLER_LANE ? 'filler' : row.lane === MESSAGE_LANE ? 'edge' : 'delta';
            const top = y(row.lane);
            const room = kind === 'delta' ? { above: 18, below: 6 } : { above: 8, below: 8 };
            return (
              // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut; the table below has a button for the same action
              <line
                key={index}
                class={`event ${kind}`}
                x1={x(row.frame.atMs)}
                x2={x(row.frame.atMs)}
                y1={top + room.above}
                y2={top + LANE_HEIGHT - room.below}
                onClick={() => pick(index)}
              >
                <title>
                  {row.frame.number === null ? '' : `${row.frame.number} · `}
                  {row.what} · {duration(row.frame.atMs)}
                </title>
              </line>
            );
          })}
        </svg>
        <div class="over">
          {bars.map((bar, index) => {
            const to = bar.to ?? endMs;
            return (
              at(to) - at(bar.from) > 0.1 && (
                <span
                  key={index}
                  class="bar-name"
                  aria-hidden="true"
                  style={{ left: x(bar.from), width: wide(bar.from, to), top: `${y(bar.lane) + 4}px` }}
                >
                  <Text>{bar.label}</Text>
                </span>
              )
            );
          })}
          {silences.map(
            ({ from, to, compressed }) =>
              at(to) - at(from) > 0.1 && (
                <span
                  key={from}
                  class={compressed ? 'quiet-time compressed' : 'quiet-time'}
                  aria-hidden="true"
                  style={{ left: x((from + to) / 2) }}
                >
                  {compressed && '// '}
                  {duration(to - from)} silent
                </span>
              ),
          )}
          {rows.map(
            (row, index) =>
              row.marks.length > 0 && (
                <Flag
                  key={index}
                  at={at(row.frame.atMs)}
                  top={y(row.lane)}
                  label={row.frame.number === null ? 'here' : `event ${row.frame.number}`}
                  go={() => pick(index)}
                />
              ),
          )}
          {timeline.endMarks.length > 0 && (
            <Flag at={1} top={y(MESSAGE_LANE)} label="end" go={() => pick(rows.length)} />
          )}
        </div>
      </div>
    </div>
  );
}

function Flag({ at, top, label, go }: { at: number; top: number; label: string; go: () => void }) {
  return (
    <div class={at > 0.8 ? 'flag late' : 'flag'} style={{ left: `${(Math.min(1, at) * 100).toFixed(3)}%` }}>
      <button type="button" onClick={go} aria-label={`Go to ${label}`}>
        {label}
      </button>
      <i style={{ top: `${top + LANE_HEIGHT / 2 - 6.5}px` }} />
    </div>
  );
}

/** Three to six round times for the axis. */
function ticksFor(endMs: number): number[] {
  const rough = endMs / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  const ticks: number[] = [];
  for (let ms = 0; ms < endMs * 0.97 && ticks.length < 20; ms += step) ticks.push(ms);
  return ticks;
}
