import type { Verdict } from '../../../core/protocol.js';
import type { PageData, PageResult } from '../data.js';
import { Detail } from './detail.js';
import { encodeAnchor } from './filters.js';
import { memo } from './memo.js';
import { Prose, Text } from './text.js';
import { EXPLAINED, VerdictMark } from './verdict.js';

export interface Group {
  name: string;
  title: string;
  explained: string;
  verdict: Verdict;
  holds: (result: PageResult) => boolean;
  /** Folded at first, unless the reader searches. */
  folded: boolean;
}

/** Groups before the profiles, in reading order; each result is in the first group that matches. */
export const BROKEN: readonly Group[] = [
  {
    name: 'silent',
    title: 'Silent failures',
    explained: 'The response is a 2xx with something lost, invented or reordered, so no client can see it.',
    verdict: 'fail',
    holds: ({ verdict, silent, known }) => verdict === 'fail' && silent && known === undefined,
    folded: false,
  },
  {
    name: 'failures',
    title: 'Failures',
    explained: EXPLAINED.fail,
    verdict: 'fail',
    holds: ({ verdict, known }) => verdict === 'fail' && known === undefined,
    folded: false,
  },
  {
    name: 'known',
    title: 'Known failures',
    explained: 'Listed in the baseline; they do not fail the run.',
    verdict: 'fail',
    holds: ({ verdict }) => verdict === 'fail',
    folded: false,
  },
  group('error', 'Errors', false),
  group('warn', 'Warnings', false),
];
export const SATISFIED: readonly Group[] = [group('pass', 'Passed', true)];
/** At the end of the page. */
export const NOT_JUDGED: readonly Group[] = [
  group('inconclusive', 'Inconclusive', true),
  group('declined', 'Declined', true),
  group('skipped', 'Skipped', true),
];

function group(verdict: Verdict, title: string, folded: boolean): Group {
  return {
    name: verdict,
    title,
    explained: EXPLAINED[verdict],
    verdict,
    holds: (result) => result.verdict === verdict,
    folded,
  };
}

const GROUPS = [...BROKEN, ...SATISFIED, ...NOT_JUDGED];

export const groupOf = (result: PageResult): Group => GROUPS.find((candidate) => candidate.holds(result))!;

export interface RowProperties {
  result: PageResult;
  data: PageData;
  hidden: boolean;
  open: boolean;
  printing: boolean;
  toggle: (id: string) => void;
}

/** What was expected and what came, for a reader who opens nothing. */
function Brief({ result: { findings } }: { result: PageResult }) {
  const [first] = findings;
  if (first === undefined) return null;
  return (
    <p class="brief">
      expected <Text class="mono">{first.expected}</Text>, got <Text class="mono">{first.actual}</Text>
    </p>
  );
}

export const ResultRow = memo(({ result, data, hidden, open, printing, toggle }: RowProperties) => {
  const { id, verdict, silent, level, profile, statement, reason, known, override } = result;
  return (
    <li id={id} class={open ? 'result open' : 'result'} hidden={hidden}>
      <div class="result-line">
        <VerdictMark verdict={verdict} silent={silent} />
        <h3>
          <button type="button" aria-expanded={open} onClick={() => toggle(id)}>
            <Text class="id">{id}</Text>
            <Prose class="statement">{statement}</Prose>
          </button>
        </h3>
        <span class="labels">
          {known && <span class="tag warn">known</span>}
          <span
            class={`level ${level.toLowerCase()}`}
            title={override ? `Set by the contract: ${override.reason}` : undefined}
          >
            {level}
            {override && '*'}
          </span>
          <span class="profile">{profile}</span>
        </span>
        <a class="anchor" href={`#${encodeAnchor(id)}`} data-anchor={id} aria-label={`Link to ${id}`}>
          #
        </a>
        {reason !== '' && !open && (
          <p class="reason">
            <Prose>{reason}</Prose>
          </p>
        )}
        {verdict === 'fail' && !open && <Brief result={result} />}
      </div>
      {open && <Detail result={result} exchanges={data.exchanges} printing={printing} linked />}
    </li>
  );
});
