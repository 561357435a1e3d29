/** What a caller may say about how a report is to be shown. Every member has a default; nothing is read from the environment. */
export interface RenderOptions {
  /** ANSI colours. Default: none. */
  color?: boolean;
  /** Columns of the terminal. Default: 80. */
  width?: number;
  /** Everything in full: each warning, each requirement that was not judged with its reason. */
  verbose?: boolean;
  /** One line for each failure and one for the run. */
  quiet?: boolean;
  /** Titles of sources become hyperlinks (OSC 8) and their addresses are not printed. Only for terminals that can do it. */
  links?: boolean;
  /** The folder that holds the files of the report, as a reader would type it. */
  out?: string;
}
