import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolder } from '@gobby/storage'
import { z } from 'zod'
import { GobbyError } from '../errors.js'
import { lookAt, PROJECT_FILE } from '../folder.js'
import { operation } from '../operation.js'
import { nameFrom, projectFor } from '../project.js'
import { text } from './params.js'

export const initProject = operation({
  name: 'init_project',
  description: 'Make the caller’s folder (or its repository) a project, and write `.gobby/project.json`, to be committed so that clones share it.',
  effect: 'write',
  input: z.object({ name: text().min(1, 'must not be empty').max(200, 'must have at most 200 characters').optional().describe('The project’s name; normally the folder’s') }),
  output: z.object({ id: z.string(), name: z.string(), path: z.string(), file: z.string(), created: z.boolean() }),
  async run(ctx, { name }) {
    const { cwd, user_home } = ctx.config
    const facts = lookAt(cwd, user_home)
    const path = facts.file?.path ?? facts.git?.worktree ?? facts.folder
    if (path === null) throw new GobbyError('invalid', `${cwd} cannot be a project.`, 'Go into the folder of the project first.')
    if (name !== undefined && nameFrom(name) !== name) throw new GobbyError('invalid', 'name: only letters, digits, ".", "_" and "-".')
    const project = await projectFor(ctx, cwd)
    const named = name === undefined || name === project.name ? project : await ctx.store.projects.update(project.id, { name, now: ctx.now().toISOString() })
    const file = join(path, PROJECT_FILE)
    const created = facts.file === undefined
    if (created || facts.file?.name !== named.name) {
      makeFolder(dirname(file), 0o777)
      writeFileSync(file, `${JSON.stringify({ id: named.id, name: named.name, handoff: facts.file?.handoff }, null, 2)}\n`)
    }
    return { id: named.id, name: named.name, path, file, created }
  },
})
