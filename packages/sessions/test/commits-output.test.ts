import { cpuMs } from '@gobby/testing'
import { describe, expect, test } from 'vitest'
import { commitsIn, commitsReported, mayCommit, type ShellCall } from '../src/git/commit-output.ts'

const one = (sha: string | null, message: string, branch: string | null = 'main', amends = false) => ({ sha, message, branch, amends })
const header = '[main 1a2b3c4] Fix it'
const heredoc = `git commit -m "$(cat <<'EOF'\nFix it\n\nWhy; "and" (how) git commit $x\nEOF\n)"`

describe('a line of git for each commit', () => {
  test.each([
    ['plain', 'git commit -m "Fix it"', `${header}\n 1 file changed`, [one('1a2b3c4', 'Fix it')]],
    ['first commit', 'git commit -m x', '[main (root-commit) 1a2b3c4] x', [one('1a2b3c4', 'x')]],
    ['detached', 'git commit -m x', '[detached HEAD 1a2b3c4d5] x', [one('1a2b3c4d5', 'x', null)]],
    ['another language', 'git commit -m x', '[losgelöster HEAD 1a2b3c4] x', [one('1a2b3c4', 'x', null)]],
    ['] in the branch', 'git commit -m x', '[a]b/c[1 1a2b3c4] x', [one('1a2b3c4', 'x', 'a]b/c[1')]],
    ['] in the subject', 'git commit -m "see [x 1234567] y"', '[main 1a2b3c4] see [x 1234567] y', [one('1a2b3c4', 'see [x 1234567] y')]],
    ['heredoc', heredoc, header, [one('1a2b3c4', 'Fix it')]],
    ['-F - behind a pipe', `git commit -F - <<'MSG' 2>&1 | tail -3\nFix it\n\nbody\nMSG`, header, [one('1a2b3c4', 'Fix it')]],
    ['git -C, variables, a path', 'A=1 /usr/bin/git -C /x -c user.name="a b" commit -am y', header, [one('1a2b3c4', 'Fix it')]],
    ['two in one command', 'git commit -m one && git commit -m two', '[main 1111111] one\n[main 2222222] two', [one('1111111', 'one'), one('2222222', 'two')]],
    ['a loop', 'for i in 1 2; do git commit -m "step $i"; done', '[main 1111111] step 1\n[main 2222222] step 2', [one('1111111', 'step 1'), one('2222222', 'step 2')]],
    ['amend', 'git add . && git commit --amend --no-edit', `${header}\n Date: Fri`, [one('1a2b3c4', 'Fix it', 'main', true)]],
    ['amend, then commit', "git commit --amend -m 'a'\ngit commit -m 'b'", '[main 1111111] a\n[main 2222222] b', [one('1111111', 'a', 'main', true), one('2222222', 'b')]],
    ['cherry-picks', 'git cherry-pick 0fd2317 160fb81 2>&1 | head -40', 'Auto-merging a\n[x 1111111] One\n Date: x\n[x 2222222] Two', [one('1111111', 'One', 'x'), one('2222222', 'Two', 'x')]],
    ['revert', 'git revert --no-edit HEAD', '[main 1111111] Revert "x"', [one('1111111', 'Revert "x"')]],
    ['a hook changed the subject', 'git commit -m x', '[main 1111111] GB-1 x', [one('1111111', 'GB-1 x')]],
    ['lines of a hook', 'git commit -m x', '[INFO 1234567] linting\n[main 1111111] x', [one('1111111', 'x')]],
    ['colours and CRLF', 'git commit -m x', '\u001B[32mok\u001B[0m\r\n[main 1111111] x\r\n', [one('1111111', 'x')]],
    ['inside another shell', `bash -lc 'cd /x && git commit -m "Fix it"'`, header, [one('1a2b3c4', 'Fix it')]],
    ['in an answer of JSON', 'git commit -m "Fix it"', JSON.stringify({ exit_code: 0, output: `${header}\n 1 file changed\n` }), [one('1a2b3c4', 'Fix it')]],
    ['behind a label', 'git commit -m "Fix it"', `Command: git commit\nOutput: ${header}\nExit Code: 0`, [one('1a2b3c4', 'Fix it')]],
    ['subject of two lines', 'git commit -m "one\ntwo\n\nbody"', '[main 1111111] one two', [one('1111111', 'one two')]],
    ['here-string', "git commit -m @'\nFix it\n\nbody\n'@", header, [one('1a2b3c4', 'Fix it')]],
    ['a rebase that goes on', 'git rebase --continue', '[detached HEAD 1111111] x\nSuccessfully rebased', [one('1111111', 'x', null)]],
    ['a sha of four', 'git commit -m x', '[main 1a2b] x', [one('1a2b', 'x')]],
  ])('%s', (_, command, output, expected) => {
    expect(mayCommit(command)).toBe(true)
    expect(commitsIn(command, output)).toEqual(expected)
    expect(commitsIn(command, output, false)).toEqual(expected)
  })
})

describe('silent commits', () => {
  test.each([
    ['-q with -m', 'git add -A && git commit -qm "Fix it"', '', [one(null, 'Fix it', null)]],
    ['bundles', 'git commit -aqm "Fix it"', '', [one(null, 'Fix it', null)]],
    ['several -m', 'git commit -q -m "Fix it" -m "body"', '', [one(null, 'Fix it', null)]],
    ['=', 'git commit --quiet --message="Fix it"', '', [one(null, 'Fix it', null)]],
    ['heredoc', heredoc.replace('-m', '-q -m'), '', [one(null, 'Fix it', null)]],
    ['thrown away', 'git commit -m "Fix it" > /dev/null 2>&1', '', [one(null, 'Fix it', null)]],
    ['thrown away, shorter', 'git commit -m "Fix it" &>/dev/null; ls', '', [one(null, 'Fix it', null)]],
    ['cut off', 'git commit -m "Fix it" | tail -1', ' 1 file changed', [one(null, 'Fix it', null)]],
    ['a log after it', 'git commit -q -m "Fix it" && git log --oneline | head -3', '1a2b3c4 Fix it\n0d431c5 init', [one('1a2b3c4', 'Fix it', null)]],
    ['a decorated log', 'git commit -q -m "Fix it" && git log --oneline -1', '1a2b3c4 (HEAD -> main) Fix it', [one('1a2b3c4', 'Fix it', null)]],
    ['a long log', 'git commit -q -m "Fix it" && git log -1', 'commit 1a2b3c4d\nAuthor: A <a>\nDate:   x\n\n    Fix it', [one('1a2b3c4d', 'Fix it', null)]],
    ['sha above', "git commit -q -m 'Fix it' && git log -1 --format='%H%n%s'", '1a2b3c4d\nFix it', [one('1a2b3c4d', 'Fix it', null)]],
    ['rev-parse', 'git commit -q -m "Fix it"; git rev-parse HEAD', `${'a'.repeat(40)}`, [one('a'.repeat(40), 'Fix it', null)]],
    ['a push that is refused', 'git commit -q -m "Fix it"; git push -q', 'error: failed to push some refs', [one(null, 'Fix it', null)]],
    ['merge', "git merge --no-ff side -m 'Join'", "Merge made by the 'ort' strategy.", [one(null, 'Join', null)]],
    ['heredoc with -F', "git commit -q -F - <<-'EOF' && git log --oneline -1\n\tFix it\n\tEOF\n", '1a2b3c4 Fix it', [one('1a2b3c4', 'Fix it', null)]],
  ])('%s', (_, command, output, expected) => {
    expect(commitsIn(command, output)).toEqual(expected)
  })

  test.each([
    ['failed', 'git commit -q -m x', '', false],
    ['unknown', 'git commit -q -m x', '', null],
    ['nothing to commit', 'git commit -q -m x; true', 'nothing to commit, working tree clean', true],
    ['a hook said no', 'git commit -m x || true', 'lint failed', true],
    ['fatal', 'git commit -q -m x; ls', 'fatal: not a git repository', true],
    ['no message known', 'git commit -q -F msg.txt', '', true],
    ['fast-forward', 'git merge -m x side', 'Updating a..b\nFast-forward', true],
  ])('none: %s', (_, command, output, succeeded) => {
    expect(commitsIn(command, output, succeeded)).toEqual([])
  })
})

test.each([
  'git commit --dry-run -m x',
  'git commit --short',
  'echo "git commit -m x"',
  "echo '[main 1a2b3c4] x' # git commit",
  "grep -rn 'git commit' .",
  'git log --grep commit',
  'git config --get commit.gpgsign',
  'git merge-base commit main',
  'git cherry-pick --no-commit 1234567',
  'git cherry-pick --abort',
  'git revert -n HEAD',
  'git merge --squash x',
  'cat > a.sh <<EOF\ngit commit -m x\nEOF',
  'gh pr create --body "$(cat <<\'EOF\'\ngit commit -q -m x\nEOF\n)"',
  '# git commit -m x',
  'git help commit',
  'digit commit',
])('no commit: %s', (command) => {
  expect(commitsIn(command, header)).toEqual([])
})

describe('a session', () => {
  const call = (command: string | null, output = '', succeeded: boolean | null = true): ShellCall => ({ command, output, succeeded, timestamp: '2026-01-05T09:00:00.000Z' })
  const shas = (...calls: ShellCall[]) => commitsReported(calls).map(({ sha, message }) => [sha, message])

  test('a later call tells the sha', () => {
    expect(shas(call('git commit -qm one'), call('ls'), call('git log --oneline -1', '1111111 one'))).toEqual([['1111111', 'one']])
    expect(shas(call('git commit -qm one'), call('git rev-parse HEAD', '1111111aaa'))).toEqual([['1111111aaa', 'one']])
    expect(shas(call('git commit -qm one'), call('cat log', '1111111 one'))).toEqual([[null, 'one']])
    expect(shas(call('git commit -qm one'), call('git commit -m two', '[main 2222222] two'), call('git rev-parse HEAD', '2222222'))).toEqual([[null, 'one'], ['2222222', 'two']])
  })

  test('a call that was still running', () => {
    expect(shas(call('git commit -m one', '', null), call(null, '[main 1111111] one'))).toEqual([['1111111', 'one']])
    expect(shas(call('git commit --amend --no-edit', '', null), call(null, ''), call(null, '[main 1111111] one'), call(null, '[main 2222222] one'))).toEqual([['1111111', 'one']])
    expect(shas(call('git commit -m one', '', null), call('ls', '[main 1111111] one'))).toEqual([])
  })
})

test('nothing makes it throw or slow', () => {
  const signs = ['"', "'", '$(', '`', '<<EOF\n', '(', ')', '\\', '${', '\n', '|', '<', '>&', '#', '$\'', ' ', 'git commit -m ', 'bash -c ', 'eval ']
  let seed = 7
  const next = (limit: number) => (seed = (seed * 48271) % 2147483647) % limit
  for (let round = 0; round < 3000; round++) commitsIn(`git commit ${Array.from({ length: 12 }, () => signs[next(signs.length)]).join('')}`, header)
  const long = () => {
    for (const sign of signs) commitsIn(`git commit ${sign.repeat(20_000)}`, header.repeat(100))
    commitsIn('git commit -m x', `${'['.repeat(300_000)}\n${header}`)
    commitsIn('git commit -m x', `[${'HEAD '.repeat(60_000)}\n[${'a '.repeat(100_000)}\n"output":"${'\\'.repeat(200_000)}`)
  }
  expect(cpuMs(long)).toBeLessThan(3000)
})
