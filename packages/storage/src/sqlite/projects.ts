import { randomUUID } from 'node:crypto'
import type { Project } from '../model.js'
import type { Store } from '../store.js'
import type { Connection } from './connection.js'
import { matching } from './session-queries.js'

export function projects(db: Connection): Store['projects'] {
  const by = (column: 'id' | 'name' | 'path' | 'git_dir') => {
    const statement = db.prepare(`SELECT id, name, path, git_dir, created_at, updated_at FROM projects WHERE ${column} = ? ORDER BY created_at LIMIT 1`)
    return (value: string) => statement.get(value) as Project | undefined
  }
  const byId = by('id')
  const byName = by('name')
  const byPath = by('path')
  const byGitDir = by('git_dir')

  /** The name, or the first of `name-2`, `name-3`, … that no other project has. */
  function freeName(name: string, id?: string): string {
    for (let n = 1; ; n++) {
      const candidate = n === 1 ? name : `${name}-${n}`
      const owner = byName(candidate)
      if (!owner || owner.id === id) return candidate
    }
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
          const known = id !== undefined ? byId(id) : ((git_dir ? byGitDir(git_dir) : undefined) ?? (path ? byPath(path) : undefined))
          if (known) return known
          const project = { id: id ?? randomUUID(), name: freeName(name), path, git_dir, created_at: now, updated_at: now }
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
          const project = { ...(byId(id) as Project), ...fields, updated_at: now }
          project.name = freeName(project.name, id)
          db.prepare('UPDATE projects SET name = @name, path = @path, git_dir = @git_dir, updated_at = @updated_at WHERE id = @id').run(project)
          return project
        })
        .immediate()
    },
  }
}
