import { LEVELS } from '../../../core/protocol.js';
import type { PageData } from '../data.js';
import { Choice, SearchBox } from './fields.js';
import { type Filters, isFiltered, NO_FILTERS } from './filters.js';
import { count, number } from './text.js';

interface ToolbarProperties {
  data: PageData;
  filters: Filters;
  show: (change: Partial<Filters>) => void;
  shown: number;
}

/** Search, filters, and how many results they leave. */
export function Toolbar({ data, filters, show, shown }: ToolbarProperties) {
  const profiles = [...new Set(data.results.map(({ profile }) => profile))];
  const suites = [...new Set(data.results.map(({ suite }) => suite))].sort();
  const choice = (name: 'level' | 'profile' | 'suite', label: string, values: readonly string[]) => (
    <Choice label={label} values={values} chosen={filters[name]} choose={(value) => show({ [name]: value })} />
  );
  return (
    <search class="toolbar">
      <SearchBox query={filters.query} search={(query) => show({ query })} />
      {choice('level', 'Level', LEVELS)}
      {choice('profile', 'Profile', profiles)}
      {choice('suite', 'Suite', suites)}
      <p role="status">
        {shown === data.results.length
          ? count(shown, 'requirement')
          : `${number(shown)} of ${count(data.results.length, 'requirement')}`}
      </p>
      {filters.verdicts.length > 0 && <p class="chosen">{filters.verdicts.join(', ')} only</p>}
      <button type="button" class="quiet" disabled={!isFiltered(filters)} onClick={() => show(NO_FILTERS)}>
        Clear
      </button>
    </search>
  );
}
