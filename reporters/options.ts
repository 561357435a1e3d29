/** How a report is rendered. Every option has a default; nothing is read from the environment. */
export interface RenderOptions {
  /** ANSI colors. Default: none. */
  color?: boolean;
  /** Columns of the terminal. Default: 80. */
  width?: number;
  /** Print everything: each warning, and the reason for each requirement that was not judged. */
  verbose?: boolean;
  /** Print one line for each failure and one for the run. */
  quiet?: boolean;
  /** Print source titles as hyperlinks (OSC 8), without their URLs. Only for terminals that support it. */
  links?: boolean;
  /** The output folder as a user would type it. */
  out?: string;
}
