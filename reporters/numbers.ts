/** Numbers in sentences, for every view of a report. */

/** `1,234`. */
export function grouped(value: number): string {
  if (!Number.isSafeInteger(value)) return String(value);
  const digits = String(Math.abs(value));
  const first = digits.length % 3 || 3;
  const groups = [digits.slice(0, first)];
  for (let index = first; index < digits.length; index += 3) groups.push(digits.slice(index, index + 3));
  return (value < 0 ? '-' : '') + groups.join(',');
}

/** `1 warning`, `1,234 warnings`. Pass the plural if it needs more than an `s`. */
export function count(value: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(value)} ${value === 1 ? noun : plural}`;
}
