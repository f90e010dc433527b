/** What a shell command is about: which programs it runs, whether they check the work, and how to tell it in one line. Pure. */
import { type CommandPart, partsOf, withoutHeredocs } from './command-parts.js'

const PREFIX = /^(?:(?:then|do|else|if|elif|while|until|!|\{|time|sudo|command|nohup|env(?=\s+\S+=))\s+|timeout\s+(?:-\S+\s+)*[\d.]+[smh]?\s+|(?:mise\s+(?:exec|x)(?:\s+\S+)*?\s+--|(?:uv|poetry|rye|pdm)\s+run|bundle\s+exec)\s+|\w+=(?:"[^"]*"|'[^']*'|\$\([^)]*\)|[^\s"'$(]*)\s+)+/
const SILENT = /^(?:cd|export|source|\.|set|unset|echo|printf|sleep|pushd|popd|true|wait|for|done|fi|esac|case|exit|\}|\w+=(?:\$\([^)]*\)|\S)*$)(?:\s|$)/

/** Without variables and wrappers before it, and without redirections. */
function bare(part: string): string {
  return part.replace(PREFIX, '').replace(/\s*\d?>+\s*&?\S+/g, '').trim()
}

/** The programs of a command with what they are asked, without folders, variables and pipes: `pnpm run test`. */
export function programsIn(command: string): string[] {
  return partsOf(command)
    .filter(({ joint }) => joint !== '|')
    .map(({ text }) => bare(text))
    .filter((part) => part !== '' && !SILENT.test(part))
    .map(wordsOf)
}

function wordsOf(part: string): string {
  const words = part.split(/\s+/).filter((word) => !word.startsWith('-') || word === '-m')
  // `npm run test unit` is about `npm run test`: what follows only narrows it.
  return words.slice(0, words[0] === 'gh' || (/^(run|exec|-m|x|compose)$/.test(words[1] ?? '') && !/lint/.test(words[0] ?? '')) ? 3 : 2).join(' ')
}

const ASKED = 'test|tests|build|lint|lints|lint-fix|typecheck|type-check|check|ci|format|fmt|pytest|vitest|jest|tsc|eslint|ruff|mypy|clippy'
const TOOLS =
  'pytest|vitest|jest|mocha|rspec|phpunit|eslint|oxlint|biome|ruff|mypy|pyright|tsc|golangci-lint|prettier|gofmt|gradle|gradlew|mvn|make|cmake|ninja|bazel|ctest|tox|nox|rake|shellcheck|turbo'
const CHECKS = new RegExp(
  `^(?:\\S*/)?(?:(?:npm|pnpm|yarn|bun|npx|uvx?|poetry|mise|just|task|docker|bundle|python3?)\\s(?:[^'"\\n]*\\s)?(?:${ASKED}|\\w+:(?:${ASKED})|(?:${ASKED}):\\S+)(?=\\s|$)|(?:${TOOLS})(?=\\s|$)` +
    '|cargo (?:\\+\\S+ )?(?:test|build|check|clippy|fmt|nextest)|go (?:test|build|vet)|deno (?:test|lint|check)|mix (?:test|compile|credo|format|dialyzer)|(?:swift|dotnet) (?:build|test)|node --test)',
)
/** Cheap: false only where no part can be a check. */
const MAY_CHECK = new RegExp(`\\b(?:${ASKED}|${TOOLS}|vet|nextest|credo|compile|dialyzer)\\b|--test`)

const isCheckPart = (part: CommandPart): boolean => part.joint !== '|' && CHECKS.test(bare(part.text))

/** A build, a test run, a lint: what tells whether the work is sound. */
export function isCheck(command: string): boolean {
  return MAY_CHECK.test(command) && partsOf(command).some(isCheckPart)
}

/** Of a command with checks in it the checks alone, with the folder they ran in unless that is `home`. */
export function checkText(command: string, home: string | null): string {
  const parts = partsOf(command)
  const folder = parts.findLast(({ text }, at) => /^cd\s/.test(text) && at < parts.findIndex(isCheckPart))
  const checks = [...(folder && !isFolder(folder.text, home) ? [folder] : []), ...parts.filter(isCheckPart)]
  return [...new Set(checks.map(({ text }) => shown(text)))].join(' && ')
}

/** Whether the exit status of the command may be another one than its checks': a pipe ends with the status of its last part. */
export function hidesStatus(command: string): boolean {
  const parts = partsOf(command)
  if (/\bpipefail\b/.test(command)) return false
  return parts.some((part, at) => isCheckPart(part) && parts.slice(at + 1).some(({ joint }) => joint !== '&&'))
}

const FAILURES = [
  /^(?:\s*(?:FAIL|FAILED|not ok)\b|\s*--- FAIL:|make(?:\[\d+\])?: \*\*\* |Traceback \(most recent call last\)|npm ERR!|\s*✖ [1-9])/m,
  /\b[1-9][\d,]* (?:tests? |suites? |specs? |checks? )?(?:failed|failing|failures?)\b/i,
  /\bfound [1-9]\d* (?:errors?|problems?|issues?)\b|^[1-9]\d* (?:errors?|issues?|problems?)\b/im,
  /^error(?:\[\w+\])?: |(?::|\)) error(?: [A-Z]+\d+)?: |\bpanicked at\b|\bBUILD FAILED\b|\bELIFECYCLE\b|^Segmentation fault/m,
]

/** Whether what a check printed tells of a failure; for where its status is hidden. */
export function tellsFailure(output: string): boolean {
  const end = output.slice(-20_000)
  return FAILURES.some((pattern) => pattern.test(end))
}

const PROBES =
  /^(?:\S*\/)?(?:grep|rg|ag|fd|ls|lsd|tree|cat|bat|head|tail|less|nl|find|which|whereis|test|\[+|stat|du|df|env|printenv|git (?!commit|push|merge|rebase|cherry-pick|pull|am\b|revert)\S+|gh (?:api|auth|\S+ (?:view|list|diff|checks|status|watch))|ps|kill|pkill|curl|wget|sed|awk|wc|sort|jq|yq|diff|cmp|type|command|file|open|pgrep|ssh|ssh-add|lsof|rm|rmdir|mkdir|cp|mv|touch|chmod|basename|dirname|realpath|ffprobe|man)(?=\s|$)/

/** Commands whose failure is an answer, not a problem. */
export function isProbe(command: string): boolean {
  return programsIn(command).every((program) => PROBES.test(program))
}

/** What its failure is about: the last of its checks, else the last program that does something. */
export function subjectOf(command: string): string {
  const programs = programsIn(command)
  return programs.findLast((program) => CHECKS.test(program)) ?? programs.findLast((program) => !PROBES.test(program)) ?? programs.at(-1) ?? command
}

/** Whether it ends in a search, which fails when it finds nothing. */
export function endsInSearch(command: string): boolean {
  return /^(?:grep|egrep|rg|diff|cmp|test|\[)(?=\s|$)/.test(partsOf(command).at(-1)?.text ?? '')
}

const LOOKS =
  /^(?:\S*\/)?(?:grep|rg|ag|fd|ls|lsd|tree|cat|bat|head|tail|nl|pwd|which|stat|du|wc|jq|diff|file|sed -n|find (?!.*-(?:delete|exec))|git (?:-C \S+ )?(?:status|log|reflog|diff|show|blame|grep|ls-files|branch --show-current|rev-parse|remote -v|worktree list)|gh (?:pr|run|issue|repo|release) (?:view|list|diff|checks|status)|gh api (?!.*(?:-X|-f|-F|--method|--field|--raw-field|--input)\b))(?=\s|$)/

/** Whether it only looks at things. */
export function isLook(command: string): boolean {
  const parts = partsOf(command)
  const asks = parts.filter(({ text, joint }) => joint !== '|' && !SILENT.test(bare(text)))
  return asks.length > 0 && asks.every(({ text }) => LOOKS.test(bare(text))) && !parts.some(({ text }) => WRITES.test(text.replace(/'[^']*'|"[^"]*"/g, '')))
}

const WRITES = /(?:^|[^0-9&])>(?!\s*(?:\/dev\/null|&))|^tee\s/

/** What a command does, without what only prepares it or trims its output: a reader of a list wants the rest. */
export function told(command: string, home: string | null, length: number): string {
  const parts = partsOf(command)
  const wanted = parts.filter(
    ({ text, joint }, at) => !(joint === '|' && TRIMS.test(text)) && !(SAYS.test(text) && parts[at + 1]?.joint !== '|') && !(/^cd\s/.test(text) && isFolder(text, home)),
  )
  if (wanted.length === 0) return oneLine(command, length)
  return cut(wanted.map(({ text, joint }, at) => `${at === 0 ? '' : joint === ';' ? '; ' : ` ${joint} `}${shown(text)}`).join(''), length)
}

const TRIMS = /^(?:head|tail|cat|less)(?:\s+(?:-\S+|\d+))*$/
const SAYS = /^(?:echo|printf|sleep|true|wait|set\s+[-+]|export\s+\w+=.*|\w+=(?:"[^"]*"|'[^']*'|\S*)$)(?:\s|$)/

function isFolder(cd: string, home: string | null): boolean {
  return home !== null && cd.replace(/^cd\s+/, '').replace(/^(['"])(.*)\1$/, '$2').replaceAll('\\', '/').replace(/\/$/, '') === home.replaceAll('\\', '/')
}

/** One command on one line: no redirections to nowhere, no texts of several lines. */
function shown(part: string): string {
  return part
    .replace(/\s*(?:\d?>&\d|&?\d?>{1,2}\s*\/dev\/null)/g, '')
    .replace(/"[^"]*\n[^"]*"|'[^']*\n[^']*'|"\$\(cat\s*\)"/g, '"…"')
    .replace(/\\?\s+/g, ' ')
    .trim()
}

/** The command on one line, at most `length` characters. */
export function oneLine(command: string, length = 120): string {
  return cut(withoutHeredocs(command).slice(0, 4000).replace(/\s+/g, ' ').trim(), length)
}

function cut(line: string, length: number): string {
  return line.length <= length ? line : `${line.slice(0, length - 1).toWellFormed().trimEnd()}…`
}
