import { clientName, clientVerdict, isTrouble, remarkable } from '../../clients.js';
import type { PageData } from '../data.js';
import { encodeAnchor } from './filters.js';
import { Prose, Text } from './text.js';

/** What real clients made of the target: a line for each, its troubles with requirements and exchanges below. */
export function Clients({ data }: { data: PageData }) {
  const { clients = [] } = data;
  if (clients.length === 0) return null;
  return (
    <section aria-labelledby="clients-title" class="clients">
      <h2 id="clients-title">Clients</h2>
      <ul>
        {clients.map((standing) => (
          <li key={standing.client} class={standing.probes.some(isTrouble) ? 'problem' : ''}>
            <b>{clientName(standing)}</b> <Prose>{clientVerdict(standing)}</Prose>
            <ul>
              {(standing.recorded ?? []).map(({ requirement, line }) => (
                <li key={requirement}>
                  <Prose>{line}</Prose> (<Anchor id={requirement} />)
                </li>
              ))}
              {remarkable(standing).map((probe) => (
                <li key={probe.probe}>
                  {probe.title}: {isTrouble(probe) ? '' : 'not observed: '}
                  <Prose>{probe.line}</Prose>
                  {isTrouble(probe) && (
                    <small>
                      {' '}
                      {probe.violated.map((id, index) => (
                        <>
                          {index > 0 && ', '}
                          <Anchor id={id} />
                        </>
                      ))}
                      {probe.violated.length === 0 && 'no requirement is violated here'}
                      {' · '}
                      {probe.exchanges.map((id, index) => (
                        <>
                          {index > 0 && ', '}
                          <a href={`#${encodeAnchor(`exchange/${id}`)}`} data-anchor={`exchange/${id}`}>
                            <Text>{id}</Text>
                          </a>
                        </>
                      ))}
                    </small>
                  )}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </section>
  );
}

const Anchor = ({ id }: { id: string }) => (
  <a href={`#${encodeAnchor(id)}`} data-anchor={id}>
    <Text>{id}</Text>
  </a>
);
