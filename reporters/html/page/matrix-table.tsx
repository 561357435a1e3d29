import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { Verdict } from '../../../core/protocol.js';
import { type MatrixCell, type MatrixRow, type MatrixTarget, resultOf } from '../matrix-data.js';
import { Detail } from './detail.js';
import { encodeAnchor } from './filters.js';
import { memo } from './memo.js';
import { Link, Text } from './text.js';
import { Shape, VerdictMark } from './verdict.js';

/** The text of a cell. */
export const words = (cell: MatrixCell | null): string =>
  cell === null ? 'not in this report' : `${cell.silent ? 'silent ' : ''}${cell.verdict}`;

export interface GroupProperties {
  targets: readonly MatrixTarget[];
  rows: readonly MatrixRow[];
  profile: string;
  shown: readonly boolean[];
  open: { row: number; column: number };
  pick: (id: string, name: string) => void;
}

/** The rows of one profile. */
export function Group({ targets, rows: all, profile, shown, open, pick }: GroupProperties) {
  const rows = useMemo(
    () => all.map((row, index) => ({ row, index })).filter(({ row }) => row.profile === profile),
    [all, profile],
  );
  const visible = rows.filter(({ index }) => shown[index]);
  return (
    <tbody hidden={visible.length === 0}>
      <tr class="profile-row">
        <th scope="rowgroup" colSpan={2}>
          <h3>{profile}</h3>
        </th>
        {targets.map(({ name, claimed }, column) => (
          <td key={name}>
            <Tally
              rows={rows.map(({ row }) => row)}
              column={column}
              claimed={(claimed as string[]).includes(profile)}
            />
          </td>
        ))}
      </tr>
      {rows.map(({ row, index }) => (
        <Row
          key={row.id}
          targets={targets}
          row={row}
          hidden={!shown[index]}
          column={open.row === index ? open.column : -1}
          pick={pick}
        />
      ))}
    </tbody>
  );
}

/** How many of the judged requirements of a profile a target passes. */
function Tally({ rows, column, claimed }: { rows: readonly MatrixRow[]; column: number; claimed: boolean }) {
  const of = (...verdicts: Verdict[]) =>
    rows.filter(({ cells }) => verdicts.some((verdict) => cells[column]?.verdict === verdict)).length;
  const executed = of('pass', 'fail', 'warn');
  if (executed === 0) return <span class="muted">{claimed ? 'not judged' : 'not claimed'}</span>;
  return (
    <span class={of('fail') > 0 ? 'tally fail' : 'tally'}>
      {of('pass')}/{executed}
    </span>
  );
}

interface RowProperties {
  targets: readonly MatrixTarget[];
  row: MatrixRow;
  hidden: boolean;
  /** The column whose evidence is unfolded; -1 for none. */
  column: number;
  pick: (id: string, name: string) => void;
}

const Row = memo(({ targets, row, hidden, column, pick }: RowProperties) => {
  const { id, level, statement, cells } = row;
  return (
    <>
      <tr id={id} hidden={hidden} tabIndex={-1} class={column >= 0 ? 'opened' : ''}>
        <th scope="row">
          <a href={`#${encodeAnchor(id)}`}>
            <Text class="id">{id}</Text>
          </a>
          <Text class="statement">{statement}</Text>
        </th>
        <td class={`level ${level.toLowerCase()}`}>{level}</td>
        {cells.map((cell, index) => {
          const { name } = targets[index]!;
          return (
            <td key={name} class={cell === null ? 'cell' : `cell ${cell.verdict}${cell.silent ? ' quiet-fault' : ''}`}>
              {cell !== null && (
                <button
                  type="button"
                  aria-expanded={column === index}
                  aria-label={`${words(cell)}: ${id}, ${name}`}
                  title={cell.reason.slice(0, 300)}
                  tabIndex={cell.verdict === 'pass' && column !== index ? -1 : 0}
                  onClick={() => pick(id, name)}
                  onKeyDown={walk}
                >
                  <Shape verdict={cell.verdict} />
                  {cell.verdict !== 'pass' && <span class="word">{cell.silent ? 'silent' : cell.verdict}</span>}
                </button>
              )}
            </td>
          );
        })}
      </tr>
      {column >= 0 && !hidden && cells[column] && (
        <tr class="evidence">
          <td colSpan={cells.length + 2}>
            <Evidence row={row} cell={cells[column]} target={targets[column]!} />
          </td>
        </tr>
      )}
    </>
  );
});

/** Moves the focus between cells with the arrow keys. */
function walk(event: KeyboardEvent): void {
  const steps: Record<string, [number, number]> = {
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
  };
  const step = steps[event.key];
  const cell = (event.currentTarget as HTMLElement).closest('td');
  if (step === undefined || cell === null) return;
  event.preventDefault();
  const rows = [...cell.closest('table')!.querySelectorAll<HTMLTableRowElement>('tr[id]:not([hidden])')];
  let row = rows.indexOf(cell.closest('tr')!) + step[0];
  let column = cell.cellIndex + step[1];
  for (; row >= 0 && row < rows.length && column > 0; row += step[0], column += step[1]) {
    const button = rows[row]!.cells[column]?.querySelector('button');
    button?.focus();
    if (button) return;
    if (column >= rows[row]!.cells.length) return;
  }
}

function Evidence({ row, cell, target }: { row: MatrixRow; cell: MatrixCell; target: MatrixTarget }) {
  const head = useRef<HTMLDivElement>(null);
  const result = resultOf(row, cell);
  useLayoutEffect(() => head.current?.scrollIntoView({ block: 'nearest' }), [row, cell]);
  return (
    <>
      <div class="evidence-head" ref={head}>
        <VerdictMark verdict={cell.verdict} silent={cell.silent} />
        <h4>
          <Text class="id">{row.id}</Text> <span class="muted">of</span> <Text>{target.name}</Text>
        </h4>
        {target.page !== null && (
          <PageLink page={target.page} hash={`#${encodeAnchor(row.id)}`}>
            its own report
          </PageLink>
        )}
      </div>
      {cell.verdict === 'pass' ? (
        <p class="why">
          The target satisfies the requirement. {cell.reason !== '' && <Text>{cell.reason}</Text>}{' '}
          {row.source.map((source) => (
            <Link key={source.tag} href={source.url}>
              <Text>{source.title}</Text>
            </Link>
          ))}
        </p>
      ) : (
        <Detail result={result} exchanges={target.exchanges} printing={false} linked={false} />
      )}
    </>
  );
}

/** A link to the report page of a target, if it is a local file or on the web. */
/** Whether the link opens a page. Browsers remove tabs and line ends from a URL before they read its scheme, so a pattern is not enough. */
const leadsToPage = (page: string): boolean =>
  URL.canParse(page, document.baseURI) &&
  ['http:', 'https:', 'file:'].includes(new URL(page, document.baseURI).protocol);

export function PageLink(properties: { page: string | null; hash: string; children: preact.ComponentChildren }) {
  const { page, hash, children } = properties;
  if (page === null || !leadsToPage(page)) return <span>{children}</span>;
  return <a href={`${page}${hash}`}>{children}</a>;
}
