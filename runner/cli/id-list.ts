/** Ids with what they stand for, one a line, and how many there are. */
export function idList(entries: readonly { id: string; title: string }[], things: string): string {
  const width = Math.max(...entries.map(({ id }) => id.length));
  const lines = entries.map(({ id, title }) => `${id.padEnd(width)}  ${title}`);
  return `${lines.join('\n')}\n\n${entries.length} ${things}\n`;
}
