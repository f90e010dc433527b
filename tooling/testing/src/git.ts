import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cleanEnv } from './environment.ts'
import { tempDir } from './temp.ts'

const START = Date.UTC(2026, 0, 5, 9, 0, 0)
const MINUTE = 60_000

export type TempRepo = {
  path: string
  /** Runs git in the repository and returns its output without the last newline. */
  git: (...args: string[]) => string
  /** Writes files (path to content, relative to the repository). */
  write: (files: Record<string, string>) => void
  /** Writes files, commits everything and returns the full sha; each commit is a minute after the one before. */
  commit: (message: string, files?: Record<string, string>) => string
}

/** A real repository on branch `main` with one commit (`README.md`), a fixed author and fixed dates. */
export function tempRepo(path: string = join(tempDir(), 'repo')): TempRepo {
  let commits = 0
  const git = (...args: string[]): string => {
    const date = new Date(START + commits * MINUTE).toISOString()
    const env = {
      ...cleanEnv(),
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date,
    }
    return execFileSync('git', args, { cwd: path, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trimEnd()
  }
  const write = (files: Record<string, string>): void => {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(path, name)), { recursive: true })
      writeFileSync(join(path, name), content)
    }
  }
  const commit = (message: string, files: Record<string, string> = {}): string => {
    write(files)
    git('add', '-A')
    git('commit', '--quiet', '--allow-empty', '-m', message)
    commits += 1
    return git('rev-parse', 'HEAD')
  }
  mkdirSync(path, { recursive: true })
  git('init', '--quiet', '--initial-branch=main')
  git('config', 'user.name', 'Test Author')
  git('config', 'user.email', 'author@example.test')
  git('config', 'commit.gpgsign', 'false')
  commit('Start', { 'README.md': '# A repository\n' })
  return { path, git, write, commit }
}
