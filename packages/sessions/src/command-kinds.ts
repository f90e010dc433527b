/** What a shell command is about: which programs it runs, and whether they check the work. Pure. */

import { maskSecrets } from './mask-secrets.js'

/** The programs of a command with what they are asked, without folders, variables and pipes: `pnpm run test`. */
export function programsIn(command: string): string[] {
  return withoutHeredocs(command)
    .split(/&&|\|\||;|\n/)
    .map((part) => (part.split('|')[0] ?? '').trim())
    .map((part) => part.replace(/^(?:\w+=(?:"[^"]*"|'[^']*'|\S*)\s+)+/, '').replace(/\s*\d?>+\s*&?\S+/g, '').trim())
    .filter((part) => part !== '' && !/^(cd|export|source|\.|set|echo|sleep|pushd|popd|true)\b/.test(part))
    .map((part) => wordsOf(part.replace(/^(timeout \d+s?|time|sudo|env)\s+/, '')))
}

function wordsOf(part: string): string {
  const words = part.split(/\s+/).filter((word) => !word.startsWith('-') || word === '-m')
  // `npm run test unit` is about `npm run test`: what follows only narrows it.
  return words.slice(0, /^(run|exec|-m|x|compose)$/.test(words[1] ?? '') ? 3 : 2).join(' ')
}

const ASKED = 'test|tests|build|lint|lints|typecheck|type-check|check|ci|format|fmt|pytest|vitest|jest|tsc|eslint|ruff|mypy'
const TOOLS =
  'pytest|vitest|jest|mocha|rspec|phpunit|eslint|oxlint|biome|ruff|mypy|pyright|tsc|golangci-lint|prettier|gradle|gradlew|mvn|make|cmake|ninja|bazel|ctest|tox|nox|rake|shellcheck|turbo'
const CHECKS = new RegExp(
  `^(?:\\S*/)?(?:(?:npm|pnpm|yarn|bun|npx|uv|poetry|mise|just|task|docker|python3?)\\s.*\\b(?:${ASKED})\\b|(?:${TOOLS})\\b` +
    '|cargo (?:test|build|check|clippy|fmt|nextest)|go (?:test|build|vet)|deno (?:test|lint|check)|(?:swift|dotnet) (?:build|test)|node --test)',
)

/** A build, a test run, a lint: what tells whether the work is sound. */
export function isCheck(command: string): boolean {
  return programsIn(command).some((program) => CHECKS.test(program))
}

const PROBES =
  /^(grep|rg|ls|cat|head|tail|find|which|test|\[|stat|git|ps|kill|pkill|curl|wget|sed|awk|wc|jq|diff|cmp|type|command|file|pgrep|gh|ssh|lsof|rm|mkdir|cp|mv|touch|chmod)\b/

/** Commands whose failure is an answer, not a problem. */
export function isProbe(command: string): boolean {
  return programsIn(command).every((program) => PROBES.test(program))
}

/** The command on one line, at most `length` characters. */
export function oneLine(command: string, length = 120): string {
  const line = maskSecrets(withoutHeredocs(command)).text.replace(/\s+/g, ' ').trim()
  return line.length <= length ? line : `${line.slice(0, length - 1).trimEnd()}…`
}

function withoutHeredocs(command: string): string {
  return command.slice(0, 4000).replace(/<<-?\s*(['"]?)(\w+)\1[\s\S]*?\n\s*\2\b/g, '')
}
