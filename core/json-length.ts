/** Length of a text as JSON in a report. Reports escape invisible characters. */

/** Everything but the characters of ASCII that reports escape as JSON does; DEL is not one of them. */
const BEYOND_ASCII = /[\u007f-\uffff]/;

/** Bytes of a text with its quotes. */
export function jsonLength(text: string): number {
  if (!BEYOND_ASCII.test(text)) return JSON.stringify(text).length;
  let length = 2;
  for (let index = 0; index < text.length; index += 1) length += unitLength(text.charCodeAt(index));
  return length;
}

/** Maximum bytes for a UTF-16 unit. */
export function unitLength(unit: number): number {
  if (unit < 0x20) return unit === 0x0a || unit === 0x0d || unit === 0x09 ? 2 : 6;
  if (unit < 0x7f) return unit === 0x22 || unit === 0x5c ? 2 : 1;
  if (unit <= 0xad) return unit <= 0x9f || unit === 0xad ? 6 : 2;
  const isVisible = (unit >= 0x3000 && unit < 0xd800) || (unit > 0xad && unit < 0x0600);
  return isVisible ? 3 : 6;
}

/** The same in a script element, where angle brackets are escaped too. */
export function scriptLength(text: string): number {
  if (!BEYOND_ASCII.test(text)) return JSON.stringify(text).length + 5 * (text.split(/[<>]/).length - 1);
  let length = 2;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    length += unit === 0x3c || unit === 0x3e ? 6 : unitLength(unit);
  }
  return length;
}
