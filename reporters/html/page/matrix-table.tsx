import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { Verdict } from '../../../core/protocol.js';
import { type MatrixCell, type MatrixRow, type MatrixTarget, resultOf } from '../matrix-data.js';
import { Detail } from './detail.js';
import { encodeAnchor } from './filters.js';
import { memo } from './memo.js';
import { Link, Prose, Text } from './text.js';
import { VerdictMark } from './verdict.js';

/** The text of a cell. */
export const words = (cell: MatrixCell | null): string =>
  cell === null ? 'not in this report' : `${cell.verdict}${cell.silent ? ', silent' : ''}`;

export interface GroupProperties {
  targets: readonly MatrixTarget[];
  rows: readonly MatrixRow[];
  profile: string;
  shown: readonly boolean[];
  open: { row: number; column: number };
  pick: (id: string, name: string | null) => void;
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
        <th scope="rowgroup">
          <h3>{profile}</h3>
        </th>
        {targets.map(({ name, claimed }, column) => (
          <td key={name}>
            <Tally
              rows={rows.map(({ row }) => row)}
              column={column}
              claimed={(claimed as string[]).includes(profile)}
              short={targets.length > MANY}
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
          open={open.row === index}
          pick={pick}
        />
      ))}
    </tbody>
  );
}

/** With more targets than this, columns are narrow. */
export const MANY = 6;

/** How many of the judged requirements of a profile a target passes; in a narrow column, how many it fails. */
function Tally(properties: { rows: readonly MatrixRow[]; column: number; claimed: boolean; short: boolean }) {
  const { rows, column, claimed, short } = properties;
  const of = (...verdicts: Verdict[]) =>
    rows.filter(({ cells }) => verdicts.some((verdict) => cells[column]?.verdict === verdict)).length;
  const executed = of('pass', 'fail', 'warn');
  const failed = of('fail');
  if (executed === 0) return <span class="muted">{short ? '–' : claimed ? 'not judged' : 'not claimed'}</span>;
  const words = `${of('pass')} of ${executed} pass`;
  return (
    <span class={failed > 0 ? 'tally fail' : 'tally'} title={words}>
      {!short ? `${of('pass')}/${executed}` : failed > 0 ? failed : '✓'}
    </span>
  );
}

interface RowProperties {
  targets: readonly MatrixTarget[];
  row: MatrixRow;
  hidden: boolean;
  /** The column whose evidence is unfolded; -1 for none. */
  column: number;
  /** Its rule is unfolded. */
  open: boolean;
  pick: (id: string, name: string | null) => void;
}

const Row = memo(({ targets, row, hidden, column, open, pick }: RowProperties) => {
  const { id, level, statement, source, cells } = row;
  return (
    <>
      <tr id={id} hidden={hidden} tabIndex={-1} class={open ? 'opened' : ''}>
        <th scope="row">
          <span class="row-name">
            <button
              type="button"
              aria-expanded={open && column < 0}
              title={`${id}: ${statement.slice(0, 300)}`}
              onClick={() => pick(id, null)}
            >
              <Text class="id">{id}</Text>
            </button>
            <span class={`level ${level.toLowerCase()}`}>{level}</span>
          </span>
        </th>
        {cells.map((cell, index) => {
          const { name } = targets[index]!;
          return (
            <td key={name} class={cell === null ? 'cell' : `cell ${cell.verdict}${cell.silent ? ' quiet-fault' : ''}`}>
              {cell !== null && (
                <button
                  type="button"
                  aria-expanded={column === index}
                  aria-label={`${words(cell)}: ${id}, ${name}`}
                  title={cell.reason === '' ? undefined : cell.reason.slice(0, 300)}
                  tabIndex={cell.verdict === 'pass' && column !== index ? -1 : 0}
                  onClick={() => pick(id, name)}
                  onKeyDown={walk}
                />
              )}
            </td>
          );
        })}
      </tr>
      {column >= 0 && !hidden && cells[column] && (
        <tr class="evidence">
          <td colSpan={cells.length + 1}>
            <div class="in-view">
              <Evidence row={row} cell={cells[column]} target={targets[column]!} />
            </div>
          </td>
        </tr>
      )}
      {open && column < 0 && !hidden && (
        <tr class="evidence rule">
          <td colSpan={cells.length + 1}>
            <div class="in-view">
              <p class="why">
                <Prose>{statement}</Prose>
              </p>
              <Sources source={source} />
            </div>
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
      <p class="why">
        <Prose>{row.statement}</Prose>
      </p>
      {cell.verdict === 'pass' && cell.exchanges?.length === 0 && (
        <p class="left-out">
          This page has no room for its exchanges;{' '}
          {target.page === null ? 'the report of the target has them' : 'its own report has them'}.
        </p>
      )}
      <Detail result={result} exchanges={target.exchanges} printing={false} linked={false} />
    </>
  );
}

const Sources = ({ source }: Pick<MatrixRow, 'source'>) => (
  <ul class="sources">
    {source.map(({ tag, title, url }) => (
      <li key={tag}>
        <Link href={url}>
          <Text>{title}</Text>
        </Link>
      </li>
    ))}
  </ul>
);

/** Whether the link opens a page. Browsers remove tabs and line ends from a URL before they read its scheme, so a pattern is not enough. */
const leadsToPage = (page: string): boolean =>
  URL.canParse(page, document.baseURI) &&
  ['http:', 'https:', 'file:'].includes(new URL(page, document.baseURI).protocol);

export function PageLink(properties: { page: string | null; hash: string; children: preact.ComponentChildren }) {
  const { page, hash, children } = properties;
  if (page === null || !leadsToPage(page)) return <span>{children}</span>;
  return <a href={`${page}${hash}`}>{children}</a>;
}
