interface ChoiceProperties {
  label: string;
  values: readonly string[];
  chosen: string;
  choose: (value: string) => void;
}

/** A select with several values, or all of them. */
export function Choice({ label, values, chosen, choose }: ChoiceProperties) {
  return (
    <label>
      <span class="unseen">{label}</span>
      <select value={chosen} class={chosen ? 'active' : ''} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">{label}: all</option>
        {values.map((value) => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The search box; the key `/` focuses it. */
export function SearchBox({ query, search }: { query: string; search: (query: string) => void }) {
  return (
    <label class="query">
      <span class="unseen">Search requirements by id or text</span>
      <input
        id="search"
        type="search"
        placeholder="Search by id or text  ( / )"
        autocomplete="off"
        spellcheck={false}
        value={query}
        onInput={(event) => search(event.currentTarget.value)}
      />
    </label>
  );
}
