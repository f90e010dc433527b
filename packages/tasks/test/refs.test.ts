import fc from '@gobby/testing/property'
import { beforeAll, describe, expect, test } from 'vitest'
import { call, GobbyError } from '@gobby/sessions'
import { createTask, getTask, resolveTaskReference, taskOperations, updateTask } from '../src/index.ts'
import { type Gobby, gobby } from './gobby.ts'

let ctx: Gobby
let ids: { own: string; foreign: string; orchard: string }
beforeAll(async () => {
  ctx = await gobby({ shared: true })
  const own = await call(createTask, ctx, { title: 'Own' })
  await call(createTask, ctx, { title: 'Own too' })
  const foreign = await call(createTask, ctx, { title: 'Foreign', project_id: 'cider' })
  ids = { own: own.id, foreign: foreign.id, orchard: own.project_id }
})

describe('every form of a ref', () => {
  test.each<[(given: typeof ids) => string | number, string]>([
    [() => '#1', 'Own'],
    [() => '2', 'Own too'],
    [() => 2, 'Own too'],
    [() => ' #1 ', 'Own'],
    [() => 'orchard#2', 'Own too'],
    [() => 'cider~1', 'Foreign'],
    [({ orchard }) => `${orchard}#1`, 'Own'],
    [({ own }) => own, 'Own'],
    [({ own }) => own.toUpperCase(), 'Own'],
    [({ foreign }) => foreign, 'Foreign'],
    [({ own }) => own.slice(0, 8), 'Own'],
  ])('%s', async (ref, title) => {
    expect((await call(getTask, ctx, { task_id: ref(ids) })).title).toBe(title)
  })

  test('outside of every project, a number of one project is enough', async () => {
    const outside = await ctx.from({ cwd: 'elsewhere' })
    expect((await call(getTask, outside, { task_id: '#2' })).title).toBe('Own too')
    await expect(call(getTask, outside, { task_id: '#1' })).rejects.toMatchObject({ code: 'ambiguous', candidates: ['cider#1', 'orchard#1'], hint: expect.stringContaining('gobby task show cider#1') })
    expect((await resolveTaskReference(ctx.store, 1, ids.orchard)).id).toBe(ids.own)
  })

  test.each<[string | number, string, RegExp]>([
    ['#9', 'not_found', /No task #9 in project orchard\./],
    ['nowhere#1', 'not_found', /no project "nowhere"/],
    ['orchard#99', 'not_found', /orchard#99/],
    ['gt-zz00zz', 'not_found', /gt-zz00zz/],
    ['gt-', 'invalid', /"gt-" is no task/],
    ['gt-toolongid', 'invalid', /gt-toolongid/],
    ['gt-ab_c', 'invalid', /gt-ab_c/],
    ['feed0001', 'invalid', /feed0001/],
    ['#', 'invalid', /"#"/],
    ['#0', 'invalid', /"#0"/],
    ['-1', 'invalid', /"-1"/],
    ['1.5', 'invalid', /"1.5"/],
    ['', 'invalid', /""/],
    ['%', 'invalid', /"%"/],
    ["gt-' OR 1=1", 'invalid', /OR/],
    ['x'.repeat(300), 'invalid', /x{40}…/],
    [Number.NaN, 'invalid', /NaN|must be a task/],
  ])('%j is refused: %s', async (ref, code, message) => {
    const error = await call(getTask, ctx, { task_id: ref }).catch((caught) => caught)
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
    expect(error.message).not.toContain('\n')
  })

  test('the beginning of several ids lists them', async () => {
    const fresh = await gobby()
    // More tasks than there are first characters: two begin alike.
    for (let n = 0; n < 40; n++) await fresh.task()
    const all = await fresh.store.tasks.list({}, 200)
    const twice = all.map(({ id }) => id.slice(0, 4)).find((start, at, starts) => starts.indexOf(start) !== at) as string
    const error = await call(getTask, fresh, { task_id: twice }).catch((caught) => caught)
    expect(error.code).toBe('ambiguous')
    expect(error.candidates.length).toBeGreaterThan(1)
    for (const candidate of error.candidates) expect((await call(getTask, fresh, { task_id: candidate })).id.startsWith(twice)).toBe(true)
  })

  test('any text at all is a task or a GobbyError', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.string().map((text) => `gt-${text}`), fc.string().map((text) => `${text}#1`), fc.double()), async (ref) => {
        const found = await call(getTask, ctx, { task_id: ref }).catch((error: unknown) => error)
        if (found instanceof Error) {
          expect(found).toBeInstanceOf(GobbyError)
          expect(['invalid', 'not_found', 'ambiguous']).toContain((found as GobbyError).code)
        } else expect(found).toMatchObject({ id: expect.stringMatching(/^gt-/) })
      }),
      { numRuns: 300 },
    )
  })
})

describe('a change of another project’s task', () => {
  const changes = taskOperations.filter(({ effect, name, input }) => effect !== 'read' && name !== 'create_task' && 'task_id' in input.shape)
  const more: Record<string, object> = { update_task: { title: 'x' }, add_dependency: { depends_on: 1 }, remove_dependency: { depends_on: 1 } }

  test.each(changes.map(({ name }) => name))('%s by its id alone says whose it is', async (name) => {
    const op = changes.find((one) => one.name === name)!
    await expect(call(op, ctx, { task_id: ids.foreign, ...more[name] })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringMatching(new RegExp(`${ids.foreign} is no task of project orchard: it is cider#1, of project cider`)),
      hint: expect.stringContaining('cider#1'),
    })
  })

  test('is done where the project is named, or there is none', async () => {
    expect(await call(updateTask, ctx, { task_id: 'cider#1', priority: 1 })).toMatchObject({ id: ids.foreign, priority: 1 })
    expect(await call(updateTask, await ctx.from({ cwd: 'elsewhere' }), { task_id: ids.foreign, priority: 3 })).toMatchObject({ priority: 3 })
  })
})
