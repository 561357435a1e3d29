import { LEVELS } from '../../../suites/vocabulary.js';
import type { PageData } from '../data.js';
import { type Filters, isFiltered, NO_FILTERS } from './filters.js';
import { count, number } from './text.js';

interface ToolbarProperties {
  data: PageData;
  filters: Filters;
  show: (change: Partial<Filters>) => void;
  shown: number;
}

/** Search and filters, with how much they leave. */
export function Toolbar({ data, filters, show, shown }: ToolbarProperties) {
  const profiles = [...new Set(data.results.map(({ profile }) => profile))];
  const suites = [...new Set(data.results.map(({ suite }) => suite))].sort();
  const choice = (name: 'level' | 'profile' | 'suite', label: string, values: readonly string[]) => (
    <label>
      <span class="unseen">{label}</span>
      <select
        value={filters[name]}
        class={filters[name] ? 'active' : ''}
        onChange={(event) => show({ [name]: event.currentTarget.value })}
      >
        <option value="">{label}: all</option>
        {values.map((value) => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <search class="toolbar">
      <label class="query">
        <span class="unseen">Search requirements by id or text</span>
        <input
          id="search"
          type="search"
          placeholder="Search by id or text  ( / )"
          autocomplete="off"
          spellcheck={false}
          value={filters.query}
          onInput={(event) => show({ query: event.currentTarget.value })}
        />
      </label>
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
