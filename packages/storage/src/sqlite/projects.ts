import { GobbyError } from '../errors.js'
import type { Project } from '../model.js'
import type { Store } from '../store.js'
import type { Connection } from './connection.js'
import { newIds } from './new-id.js'
import { matching } from './session-queries.js'

/** The name of the project of sessions whose folder nobody knows. */
const UNKNOWN = 'unknown'

export function projects(db: Connection): Store['projects'] {
  const newId = newIds(db)
  const by = (column: 'id' | 'name' | 'path' | 'git_dir') => {
    const statement = db.prepare(`SELECT id, name, path, git_dir, created_at, updated_at FROM projects WHERE ${column} = ? ORDER BY created_at LIMIT 1`)
    return (value: string) => statement.get(value) as Project | undefined
  }
  const byId = by('id')
  const byName = by('name')
  const byPath = by('path')
  const byGitDir = by('git_dir')

  /**
   * The name, or the first of `name-2`, `name-3`, … that no other project has. `unknown` belongs to the one without a
   * folder, also before there is one.
   */
  function freeName({ id, name, path }: Pick<Project, 'id' | 'name' | 'path'>): string {
    for (let n = name === UNKNOWN && path !== null ? 2 : 1; ; n++) {
      const candidate = n === 1 ? name : `${name}-${n}`
      const owner = byName(candidate)
      if (!owner || owner.id === id) return candidate
    }
  }

  function known({ id, name, path, git_dir }: { id?: string } & Pick<Project, 'name' | 'path' | 'git_dir'>): Project | undefined {
    if (id !== undefined) return byId(id)
    if (path === null && git_dir === null) return byName(name)
    return (git_dir ? byGitDir(git_dir) : undefined) ?? (path ? byPath(path) : undefined)
  }

  return {
    async get(id) {
      return byId(id)
    },
    async getByName(name) {
      return byName(name)
    },
    async getByPath(path) {
      return byPath(path)
    },
    async getByGitDir(git_dir) {
      return byGitDir(git_dir)
    },
    async list() {
      const { sql, params } = matching({})
      return db
        .prepare(
          `SELECT p.id, p.name, p.path, p.git_dir, p.created_at, p.updated_at, count(s.id) AS session_count, max(s.last_activity_at) AS last_activity_at
           FROM projects p LEFT JOIN sessions s ON s.project_id = p.id AND ${sql}
           GROUP BY p.id ORDER BY last_activity_at DESC, p.name`,
        )
        .all(...params) as Awaited<ReturnType<Store['projects']['list']>>
    },
    async add({ id, name, path, git_dir, now }) {
      return db
        .transaction(() => {
          const there = known({ id, name, path, git_dir })
          if (there) return there
          const project = { id: id ?? newId(), name, path, git_dir, created_at: now, updated_at: now }
          project.name = freeName(project)
          db.prepare(
            `INSERT INTO projects (id, name, path, git_dir, created_at, updated_at)
             VALUES (@id, @name, @path, @git_dir, @created_at, @updated_at)`,
          ).run(project)
          return project
        })
        .immediate()
    },
    async update(id, { now, ...fields }) {
      return db
        .transaction(() => {
          const before = byId(id)
          if (!before) throw new GobbyError('not_found', `No project ${id}.`, 'See the projects known: gobby project list')
          const project = { ...before, ...fields, updated_at: now }
          project.name = freeName(project)
          db.prepare('UPDATE projects SET name = @name, path = @path, git_dir = @git_dir, updated_at = @updated_at WHERE id = @id').run(project)
          return project
        })
        .immediate()
    },
  }
}
