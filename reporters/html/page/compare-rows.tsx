import { useState } from 'preact/hooks';
import type { Result } from '../../../core/report.js';
import type { Change } from '../../compare.js';
import { encodeAnchor } from './filters.js';
import { FindingView, together } from './finding.js';
import { memo } from './memo.js';
import { Command, count, Prose, Text } from './text.js';
import { VerdictMark } from './verdict.js';

interface RowProperties {
  change: Change;
  hidden: boolean;
  open: boolean;
  toggle: (id: string) => void;
}

/** One requirement in both reports. */
export const ChangeRow = memo(({ change: { id, before, after }, hidden, open, toggle }: RowProperties) => {
  const result = (after ?? before)!;
  return (
    <li id={id} class={open ? 'result change open' : 'result change'} hidden={hidden}>
      <div class="result-line">
        <span class="transition">
          {before ? (
            <VerdictMark verdict={before.verdict} silent={before.silent} />
          ) : (
            <span class="muted">not there</span>
          )}
          <span aria-hidden="true">→</span>
          <span class="unseen">to</span>
          {after ? <VerdictMark verdict={after.verdict} silent={after.silent} /> : <span class="muted">not there</span>}
        </span>
        <h3>
          <button type="button" aria-expanded={open} onClick={() => toggle(id)}>
            <Text class="id">{id}</Text>
            <Prose class="statement">{result.statement}</Prose>
          </button>
        </h3>
        <span class="labels">
          <span class={`level ${result.level.toLowerCase()}`}>
            {before && after && before.level !== after.level ? `${before.level} → ${after.level}` : result.level}
          </span>
          <span class="profile">{result.profile}</span>
        </span>
        <a class="anchor" href={`#${encodeAnchor(id)}`} aria-label={`Link to ${id}`}>
          #
        </a>
        {result.reason !== '' && !open && (
          <p class="reason">
            <Prose>{result.reason}</Prose>
          </p>
        )}
      </div>
      {open && (
        <div class="detail">
          <div class="sides">
            <Side title="Before" result={before} />
            <Side title="After" result={after} />
          </div>
          {result.reproduce !== '' && (
            <div class="reproduce">
              <h4>Run only this requirement</h4>
              <Command text={result.reproduce} label={`command that runs ${id}`} />
            </div>
          )}
        </div>
      )}
    </li>
  );
});

const FIRST = 5;

function Side({ title, result }: { title: string; result: Result | null }) {
  const [whole, setWhole] = useState(false);
  const alike = together(result?.findings ?? []);
  const more = alike.length - FIRST;
  return (
    <div class="side">
      <h4>{title}</h4>
      {result === null ? (
        <p class="muted">This report does not have the requirement.</p>
      ) : (
        <>
          <p>
            <VerdictMark verdict={result.verdict} silent={result.silent} />
          </p>
          {result.known && (
            <p class="known-note">
              <b>Known failure.</b> <Prose>{result.known.reason}</Prose>
            </p>
          )}
          {result.reason !== '' && !result.findings.some(({ message }) => message.startsWith(result.reason)) && (
            <p class="why">
              <Prose>{result.reason}</Prose>
            </p>
          )}
          {alike.slice(0, whole ? alike.length : FIRST).map(({ finding, places, first }) => (
            <FindingView
              key={first}
              finding={finding}
              places={places}
              printing={false}
              positionOf={() => -1}
              show={() => {}}
            />
          ))}
          {more > 0 && !whole && (
            <button type="button" class="more" onClick={() => setWhole(true)}>
              Show {count(more, 'more finding')}
            </button>
          )}
        </>
      )}
    </div>
  );
}
