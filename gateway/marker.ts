/** The marker in a text of every request, by which the upstream knows which exchange the request belongs to. */

/** Stands for the marker of an exchange in requests and scripts. */
export const MARKER = '{{case}}';

/** The marker of an exchange. The upstream finds it in the request and so knows which exchange it belongs to. */
export const markerOf = (exchange: string): string => `[case ${exchange}]`;

/** Ids of exchanges whose markers a text has, in order. */
export const markersIn = (text: string): string[] =>
  [...text.matchAll(/\[case ([a-z0-9-]{1,100}\/(?:json|stream)(?:\.\d{1,3})?(?:#\d{1,4})?)\]/g)].map(([, id]) => id!);

/** A value with the marker filled in wherever a text has the placeholder. */
export function withMarker<Value>(value: Value, exchange: string): Value {
  const text = JSON.stringify(value);
  return text.includes(MARKER) ? (JSON.parse(text.replaceAll(MARKER, markerOf(exchange))) as Value) : value;
}
