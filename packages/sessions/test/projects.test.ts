import { mkdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempRepo } from '@gobby/testing'
import { describe, expect, test } from 'vitest'
import { call, createContext, findProject, operations, projectFor } from '../src/index.ts'
import { gobby, type Gobby } from './gobby.ts'

const init = operations.find(({ name }) => name === 'init_project')!
const list = operations.find(({ name }) => name === 'list_sessions')!

async function at(ctx: Gobby, cwd: string, env: Record<string, string> = {}) {
  return createContext({ cwd, store: ctx.store, env: { HOME: ctx.home, ...env }, now: ctx.now })
}

const nameAt = async (ctx: Gobby, cwd: string | null, env?: Record<string, string>) => (await projectFor(await at(ctx, ctx.home, env), cwd)).name

function folder(...parts: string[]): string {
  const path = join(...parts)
  mkdirSync(path, { recursive: true })
  return path
}

describe('which project a folder is', () => {
  test('a checkout, its folders, its worktrees and links to it are one project', async () => {
    const ctx = await gobby()
    const repo = tempRepo(join(ctx.home, 'code', 'orchard'))
    repo.git('worktree', 'add', '-q', join(ctx.home, 'elsewhere', 'feature'))
    symlinkSync(repo.path, join(ctx.home, 'link'))
    const project = await projectFor(ctx, repo.path)
    expect(project).toMatchObject({ name: 'orchard', path: repo.path, git_dir: join(repo.path, '.git') })
    for (const cwd of [folder(repo.path, 'src', 'deep'), join(ctx.home, 'elsewhere', 'feature'), folder(ctx.home, 'elsewhere', 'feature', 'src'), join(ctx.home, 'link'), join(repo.path, 'gone', 'away')]) {
      expect([cwd, (await projectFor(ctx, cwd)).id]).toEqual([cwd, project.id])
      expect((await findProject(await at(ctx, cwd)))?.id).toBe(project.id)
    }
  })

  test('GIT_DIR in the environment changes nothing', async () => {
    const ctx = await gobby()
    const [a, b] = [tempRepo(join(ctx.home, 'a')), tempRepo(join(ctx.home, 'b'))]
    const caller = await at(ctx, a.path, { GIT_DIR: join(b.path, '.git'), GIT_WORK_TREE: b.path })
    expect((await projectFor(caller, a.path)).name).toBe('a')
  })

  test('a submodule and a repository inside another are projects of their own', async () => {
    const ctx = await gobby()
    const outer = tempRepo(join(ctx.home, 'outer'))
    const inner = tempRepo(join(ctx.home, 'inner'))
    outer.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.path, 'libs/inner')
    tempRepo(join(outer.path, 'nested'))
    const names = []
    for (const cwd of [outer.path, join(outer.path, 'libs', 'inner'), join(outer.path, 'nested')]) names.push(await nameAt(ctx, cwd))
    expect(names).toEqual(['outer', 'inner', 'nested'])
    expect((await ctx.store.projects.getByName('inner'))?.path).toBe(join(outer.path, 'libs', 'inner'))
  })

  test('a repository that is gone is found by its path, also from below', async () => {
    const ctx = await gobby()
    const repo = tempRepo(join(ctx.home, 'orchard'))
    const project = await projectFor(ctx, repo.path)
    rmSync(repo.path, { recursive: true })
    for (const cwd of [repo.path, join(repo.path, 'src')]) expect((await projectFor(ctx, cwd)).id).toBe(project.id)
  })

  test.each<[string, (ctx: Gobby) => string | null, RegExp]>([
    ['nothing', () => null, /^unknown$/],
    ['the root', () => '/', /^unknown$/],
    ['the home', (ctx) => ctx.home, /^unknown$/],
    ['an empty name', () => '', /^unknown$/],
    ['a folder that never was', () => '/no/such/folder', /^folder$/],
    ['a folder with odd letters', (ctx) => folder(ctx.home, 'Früh stück (2)'), /^Fr-h-st-ck--2-$/],
    ['a Windows folder', () => 'C:\\Users\\sam\\orchard\\', /^orchard$/],
    ['a Windows drive', () => 'C:\\', /^unknown$/],
    ['an emoji', (ctx) => folder(ctx.home, '🍎'), /^-$/],
  ])('%s', async (_name, cwd, name) => {
    const ctx = await gobby()
    expect(await nameAt(ctx, cwd(ctx))).toMatch(name)
    expect((await ctx.store.projects.list()).length).toBe(1)
    expect(await nameAt(ctx, cwd(ctx))).toMatch(name)
    expect((await ctx.store.projects.list()).length).toBe(1)
  })

  test('folders of the same name are told apart, one called unknown too', async () => {
    const ctx = await gobby()
    const names = []
    for (const cwd of [folder(ctx.home, 'a', 'app'), folder(ctx.home, 'b', 'app'), folder(ctx.home, 'a', 'app'), folder(ctx.home, 'unknown'), null]) names.push(await nameAt(ctx, cwd))
    expect(names).toEqual(['app', 'app-2', 'app', 'unknown-2', 'unknown'])
  })

  test('a checkout in the home folder itself does not make all folders below one project', async () => {
    const ctx = await gobby()
    tempRepo(ctx.home)
    expect(await nameAt(ctx, folder(ctx.home, 'code', 'pear'))).toBe('pear')
    expect(await nameAt(ctx, ctx.home)).toBe('unknown')
  })

  test('a .git file that leads nowhere, or holds rubbish, stops nothing', async () => {
    const ctx = await gobby()
    for (const [name, text] of [['a', 'gitdir: /nowhere/at/all'], ['b', 'rubbish'], ['c', '']] as const) {
      writeFileSync(join(folder(ctx.home, name), '.git'), text)
      expect(await nameAt(ctx, join(ctx.home, name))).toBe(name)
    }
  })
})

describe('.gobby/project.json', () => {
  test('init writes it, clones share it, and a second init changes nothing', async () => {
    const ctx = await gobby()
    const repo = tempRepo(join(ctx.home, 'orchard'))
    const made = await call(init, await at(ctx, folder(repo.path, 'src')), {})
    expect(made).toMatchObject({ name: 'orchard', path: repo.path, created: true })
    expect(await call(init, await at(ctx, repo.path), {})).toEqual({ ...made, created: false })
    repo.commit('Share')
    repo.git('clone', '--quiet', repo.path, join(ctx.home, 'clone'))
    expect((await projectFor(ctx, join(ctx.home, 'clone'))).id).toBe(made.id)
    const other = await gobby()
    expect(await projectFor(other, join(ctx.home, 'clone'))).toMatchObject({ id: made.id, name: 'orchard' })
  })

  test('wins over git, and not beyond the checkout or the home', async () => {
    const ctx = await gobby()
    const write = (dir: string, id: string) => writeFileSync(join(folder(dir, '.gobby'), 'project.json'), JSON.stringify({ id, name: id }))
    const repo = tempRepo(join(ctx.home, 'code', 'orchard'))
    write(folder(repo.path, 'packages', 'core'), 'core')
    write(join(ctx.home, 'code'), 'above')
    write(ctx.home, 'home')
    expect(await nameAt(ctx, join(repo.path, 'packages', 'core'))).toBe('core')
    expect(await nameAt(ctx, repo.path)).toBe('orchard')
    expect(await nameAt(ctx, folder(ctx.home, 'code', 'loose', 'deep'))).toBe('above')
    expect(await nameAt(ctx, folder(ctx.home, 'free'))).toBe('free')
  })

  test('a broken one is the caller’s to mend: reading and init say so', async () => {
    const ctx = await gobby()
    const cwd = folder(ctx.home, 'pear')
    for (const text of ['{', '[]', '{"id": 5, "name": "x"}', '{"name": "x"}', '']) {
      writeFileSync(join(folder(cwd, '.gobby'), 'project.json'), text)
      for (const op of [list, init]) await expect(call(op, await at(ctx, cwd), {})).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('project.json') })
    }
  })

  test('names that init refuses', async () => {
    const ctx = await gobby()
    for (const name of ['', 'a b', 'a#1', 'ä', '../x', 'x'.repeat(201)]) await expect(call(init, await at(ctx, folder(ctx.home, 'pear')), { name })).rejects.toMatchObject({ code: 'invalid' })
    await expect(call(init, ctx, {})).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('cannot be a project') })
  })
})

test('reading makes no project, and outside every project all are shown', async () => {
  const ctx = await gobby()
  await projectFor(ctx, folder(ctx.home, 'pear'))
  const caller = await at(ctx, folder(ctx.home, 'elsewhere'))
  expect(await caller.project()).toBeUndefined()
  await call(list, caller, {})
  expect(await ctx.store.projects.list()).toHaveLength(1)
  for (const project_id of ['pear', join(ctx.home, 'pear'), '../pear', '*']) expect(await call(list, caller, { project_id })).toMatchObject({ count: 0 })
  await expect(call(list, caller, { project_id: 'apple' })).rejects.toMatchObject({ code: 'not_found' })
})

test('a project that moved with its repository is still the same through its file', async () => {
  const ctx = await gobby()
  const repo = tempRepo(join(ctx.home, 'orchard'))
  const made = await call(init, await at(ctx, repo.path), {})
  renameSync(repo.path, join(ctx.home, 'moved'))
  expect((await projectFor(ctx, realpathSync(join(ctx.home, 'moved')))).id).toBe(made.id)
})
