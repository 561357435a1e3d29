import { useState } from 'preact/hooks';
import type { Finding } from '../../../core/requirement.js';
import { encodeAnchor } from './filters.js';
import { count, number, Prose, Text } from './text.js';

/** Findings that say the same of several places. */
export interface Alike {
  /** The first of them. */
  finding: Finding;
  places: readonly Finding[];
  /** Its position among all findings of the requirement. */
  first: number;
}

/** Findings with the same message and expectation stand together: what they say is read once. */
export function together(findings: readonly Finding[]): Alike[] {
  const groups = new Map<string, { finding: Finding; places: Finding[]; first: number }>();
  for (const [first, finding] of findings.entries()) {
    const key = JSON.stringify([finding.message, finding.expected]);
    const group = groups.get(key);
    if (group) group.places.push(finding);
    else groups.set(key, { finding, places: [finding], first });
  }
  return [...groups.values()];
}

const FIRST_PLACES = 5;

/** Expected and actual side by side, then the places. What came is said at each place where it differs. */
export function FindingView(properties: {
  finding: Finding;
  places: readonly Finding[];
  /** The anchor of the finding on the page, if it has one. */
  anchor?: string | undefined;
  printing: boolean;
  /** Its message stands above it already. */
  said?: boolean;
  /** Position of an exchange; negative if the page does not have it. */
  positionOf: (exchange: string | null) => number;
  show: (position: number) => void;
}) {
  const { finding, places, anchor, printing, said, positionOf, show } = properties;
  const [whole, setWhole] = useState(false);
  const differs = places.some(({ actual }) => actual !== finding.actual);
  const listed = whole || printing ? places : places.slice(0, FIRST_PLACES);
  return (
    <article class="finding" id={anchor}>
      <p class="message" hidden={said}>
        <Prose>{finding.message}</Prose>
        {anchor !== undefined && (
          <a class="anchor" href={`#${encodeAnchor(anchor)}`} data-anchor={anchor} aria-label="Link to this finding">
            #
          </a>
        )}
      </p>
      <div class="pair">
        <div class="expected">
          <p class="side-title">Expected</p>
          <pre>
            <Text>{finding.expected}</Text>
          </pre>
        </div>
        <div class="actual">
          <p class="side-title">{differs ? 'Actual, at the first place' : 'Actual'}</p>
          <pre>
            <Text>{finding.actual}</Text>
          </pre>
        </div>
      </div>
      {places.length > 1 && <p class="places-title">{count(places.length, 'place')}</p>}
      <ul class="places">
        {listed.map((place, index) => (
          <li key={index} class="place">
            <PlaceView finding={place} position={positionOf(place.exchange)} show={show} />
            {differs && (
              <span class="here">
                got <Text class="mono">{place.actual}</Text>
              </span>
            )}
          </li>
        ))}
      </ul>
      {places.length > listed.length && (
        <button type="button" class="more" onClick={() => setWhole(true)}>
          Show {number(places.length - listed.length)} more
        </button>
      )}
    </article>
  );
}

function PlaceView(properties: { finding: Finding; position: number; show: (position: number) => void }) {
  const {
    finding: { at, exchange },
    position,
    show,
  } = properties;
  return (
    <>
      {exchange !== null &&
        (position >= 0 ? (
          <button type="button" class="link" onClick={() => show(position)}>
            <Text>{exchange}</Text>
          </button>
        ) : (
          <Text>{exchange}</Text>
        ))}
      {at?.event !== undefined && <span>event {number(at.event)}</span>}
      {at?.offset !== undefined && <span>byte {number(at.offset)}</span>}
      {at?.pointer && (
        <span>
          pointer <Text class="mono">{at.pointer}</Text>
        </span>
      )}
      {at?.header !== undefined && (
        <span>
          header <Text class="mono">{at.header}</Text>
        </span>
      )}
    </>
  );
}
