import { useState } from 'preact/hooks';

const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const KEY = 'messages-conformance-theme';

/** Restores the theme that the reader chose. Storage is not available everywhere, e.g. for some local files. */
export function restoreTheme(): void {
  apply(stored());
}

function stored(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? 'auto';
  } catch {
    return 'auto';
  }
}

function apply(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
}

/** Only a choice is stored: a page that is opened while another one writes would put back what was before. */
function choose(theme: Theme): void {
  apply(theme);
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // The choice lasts for this page only.
  }
}

export function ThemeChoice() {
  const [theme, setTheme] = useState(stored);
  return (
    <fieldset class="theme">
      <legend class="unseen">Colours</legend>
      {THEMES.map((name) => (
        <label key={name} class={theme === name ? 'chosen' : ''}>
          <input
            type="radio"
            name="theme"
            value={name}
            checked={theme === name}
            onChange={() => {
              choose(name);
              setTheme(name);
            }}
          />
          {name}
        </label>
      ))}
    </fieldset>
  );
}
