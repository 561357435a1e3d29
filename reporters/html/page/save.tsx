import { json } from '../../json.js';
import type { PageData } from '../data.js';
import { reportOfPage } from '../restore.js';

/** Saves the report document: whoever was sent the page alone can compare it or judge it again. */
export function SaveReport({ data }: { data: PageData }) {
  const save = () => {
    const address = URL.createObjectURL(new Blob([json(reportOfPage(data))], { type: 'application/json' }));
    const link = document.createElement('a');
    link.href = address;
    link.download = 'report.json';
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  };
  return (
    <button type="button" class="quiet save" onClick={save}>
      Save report.json
    </button>
  );
}
