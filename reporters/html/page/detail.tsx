import { useMemo, useState } from 'preact/hooks';
import type { PageExchange, PageResult } from '../data.js';
import { Exchange } from './exchange.js';
import { FindingView, together } from './finding.js';
import { Command, count, Link, number, Prose, Text } from './text.js';
import type { Mark } from './timeline-model.js';

interface DetailProperties {
  result: PageResult;
  /** The exchanges of the report that the result belongs to. */
  exchanges: readonly PageExchange[];
  printing: boolean;
  /** Whether the page has an anchor for each exchange. */
  linked: boolean;
}

/** Details of one requirement: findings, what it breaks in clients, the command that runs only it, exchanges. */
export function Detail({ result, exchanges, printing, linked }: DetailProperties) {
  const marks = useMemo(() => marksByExchange(result), [result]);
  const [cited, others] = useMemo(() => splitExchanges(result, exchanges, marks), [result, exchanges, marks]);
  const alike = useMemo(() => together(result.findings), [result]);
  const [opened, setOpened] = useState<ReadonlySet<number>>(() => new Set(cited.slice(0, 1)));
  const [whole, setWhole] = useState(false);
  const toggle = (index: number) => {
    const next = new Set(opened);
    if (!next.delete(index)) next.add(index);
    setOpened(next);
  };
  const listed = [...cited, ...others.slice(0, whole ? others.length : 6)];
  const absent = result.exchanges.filter((entry): entry is string => typeof entry === 'string');
  return (
    <div class="detail">
      {result.reason !== '' && !result.findings.some(({ message }) => message.startsWith(result.reason)) && (
        <p class="why">
          <Prose>{result.reason}</Prose>
        </p>
      )}
      {result.known && (
        <p class="known-note">
          <b>Known failure.</b> <Prose>{result.known.reason}</Prose>
          {result.known.link && (
            <>
              {' '}
              <Link href={result.known.link}>
                <Text>{result.known.link}</Text>
              </Link>
            </>
          )}
          {result.known.expires && (
            <>
              {' '}
              Counts again after <Text>{result.known.expires}</Text>.
            </>
          )}
        </p>
      )}
      {result.findings.length > 0 && (
        <div class="findings">
          {alike.map(({ finding, places, first }) => (
            <FindingView
              key={first}
              finding={finding}
              places={places}
              anchor={linked ? `${result.id}~${first + 1}` : undefined}
              printing={printing}
              show={(position) => {
                setOpened(new Set([...opened, position]));
                requestAnimationFrame(() => revealMark(result.id, position));
              }}
              positionOf={(exchange) => exchanges.findIndex(({ id }) => id === exchange)}
            />
          ))}
          {result.moreFindings && (
            <p class="left-out">{count(result.moreFindings, 'more finding')} of the same kind in report.json.</p>
          )}
        </div>
      )}
      <div class="columns">
        {result.incidents && result.incidents.length > 0 && <Incidents result={result} />}
        <dl class="about">
          <div>
            <dt>Level</dt>
            <dd>
              {result.level}
              {result.override && (
                <>
                  , set by the contract: <Prose>{result.override.reason}</Prose>
                </>
              )}
            </dd>
          </div>
          {result.documented && (
            <div>
              <dt>Documented by the contract</dt>
              <dd>
                <Prose>{result.documented}</Prose>
              </dd>
            </div>
          )}
          <div>
            <dt>Source</dt>
            <dd>
              <ul class="sources">
                {result.source.map((source) => (
                  <li key={source.tag}>
                    <Link href={source.url}>
                      <Text>{source.title}</Text>
                    </Link>
                  </li>
                ))}
              </ul>
            </dd>
          </div>
          <div>
            <dt>Profile, suite</dt>
            <dd>
              {result.profile}, <Text>{result.suite}</Text>
            </dd>
          </div>
          <div>
            <dt>Tried</dt>
            <dd>{result.tries === 1 ? 'once' : `${number(result.tries)} times`}</dd>
          </div>
        </dl>
      </div>
      {result.reproduce !== '' && (
        <div class="reproduce">
          <h4>Run only this requirement</h4>
          <Command text={result.reproduce} label={`command that runs ${result.id}`} />
        </div>
      )}
      {(listed.length > 0 || absent.length > 0) && (
        <div class="exchanges">
          <h4>
            Exchanges <span class="muted">{number(result.exchanges.length)}</span>
          </h4>
          {listed.map((index) => (
            <div key={index} data-exchange={index}>
              <Exchange
                exchange={exchanges[index]!}
                marks={marks.get(exchanges[index]!.id) ?? NO_MARKS}
                open={opened.has(index) && !printing}
                toggle={() => toggle(index)}
                linked={linked}
                level={4}
              />
            </div>
          ))}
          {others.length > 6 && !whole && (
            <button type="button" class="more" onClick={() => setWhole(true)}>
              Show {count(others.length - 6, 'more examined exchange')}
            </button>
          )}
          {absent.length > 0 && (
            <p class="left-out">
              Not in this report: <Text>{absent.slice(0, 20).join(', ')}</Text>
            </p>
          )}
        </div>
      )}
    </div>
  );
}

const NO_MARKS: readonly Mark[] = [];

function marksByExchange(result: PageResult): Map<string, Mark[]> {
  const marks = new Map<string, Mark[]>();
  if (result.verdict === 'pass') return marks;
  for (const finding of result.findings) {
    if (finding.exchange === null) continue;
    const mark = { finding, requirement: result.id };
    const list = marks.get(finding.exchange);
    if (list) list.push(mark);
    else marks.set(finding.exchange, [mark]);
  }
  return marks;
}

/** Positions of the exchanges with a finding, and of the others that were examined. */
function splitExchanges(
  result: PageResult,
  exchanges: readonly PageExchange[],
  marks: ReadonlyMap<string, unknown>,
): [number[], number[]] {
  const cited = [...marks.keys()]
    .map((id) => exchanges.findIndex((exchange) => exchange.id === id))
    .filter((index) => index >= 0);
  const others = result.exchanges.filter(
    (entry): entry is number => typeof entry === 'number' && !cited.includes(entry),
  );
  return [cited, others];
}

function revealMark(id: string, position: number): void {
  const exchange = document.getElementById(id)?.querySelector(`[data-exchange="${position}"]`);
  const target = exchange?.querySelector('.marked') ?? exchange;
  target?.scrollIntoView({ block: 'center' });
  exchange?.querySelector('button')?.focus({ preventScroll: true });
}

function Incidents({ result }: { result: PageResult }) {
  return (
    <div class="incidents">
      <h4>Seen in the field</h4>
      <ul>
        {result.incidents!.map(({ server, url, effect }, index) => (
          <li key={index}>
            <Prose>{effect}</Prose>
            <span class="muted">
              {' '}
              <Link href={url}>
                <Text>{server}</Text>
              </Link>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
