/** Variables that would let the machine's own CLIs, projects or git reach into a test. */
const FOREIGN =
  /^(GOBBY_|GIT_|CLAUDE|CODEX|GEMINI|XDG_|FORCE_COLOR$|CLICOLOR|COLORTERM$|INIT_CWD$|NODE_OPTIONS$|NODE_USE_ENV_PROXY$|DEBUG$|VITEST|TMUX|STY$|WEZTERM_|KITTY_|ITERM_|TERM_SESSION_ID$|WT_SESSION$|npm_(?!config_))/

/** Variables of gobby's own test run; they stay. */
const OURS = /^GOBBY_TEST_/

/** The zone every test runs in: not UTC, and with a summer time. */
export const TEST_ZONE = 'America/Chicago'

/** `env` without what reaches into a test from outside, in the test zone, with a terminal of a known kind, without colour. */
export function cleanEnv(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !FOREIGN.test(name) || OURS.test(name))
  return { ...Object.fromEntries(kept), TZ: TEST_ZONE, TERM: 'xterm-256color', NO_COLOR: '1' }
}
