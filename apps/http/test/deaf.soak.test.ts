import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openStore } from '@gobby/storage'
import { tempHome } from '@gobby/testing'
import { expect, test } from 'vitest'
import { rawConnection, startProcess, until } from './running.ts'
import { EventReader } from './sse.ts'

const EVENTS = 90_000
const DEAF = 20

/** Whether a server on this machine still holds a connection of one of the clients' ports: a client that reads nothing is not told of the end. */
function established(server: number, clients: (number | undefined)[]): boolean {
  const rows = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1).map((line) => line.trim().split(/\s+/))
  const port = (address = ''): number => Number.parseInt(address.split(':')[1] ?? '', 16)
  return rows.some(([, local, remote, state]) => port(local) === server && clients.includes(port(remote)) && state === '01')
}

test('a listener that takes nothing holds no memory, delays nobody, and is ended', async () => {
  const { env, gobbyHome } = tempHome()
  const store = await openStore(`file:${join(gobbyHome, 'sessions.db')}`)
  const now = '2026-03-01T09:00:00.000Z'
  const project = await store.projects.add({ name: 'orchard', path: '/home/sam/code/orchard', git_dir: null, now })
  const fields = { external_id: 'long-one', source: 'claude', project_id: project.id, machine_id: 'm', transcript_path: null, parent_session_id: null, relation: null, agent_depth: 0, created_at: now, last_activity_at: now, status: 'active' as const, cwd: null, git_branch: null, model: null, title: null }
  const { session } = await store.sessions.register(fields, now)
  const at = new Date().toISOString()
  for (let n = 0; n < EVENTS; n++) await store.sessions.setTitle(session.id, `Title ${n} ${'x'.repeat(100)}`, at)
  await store.close()

  const server = await startProcess(['--no-watch'], { env })
  const deaf = await Promise.all(
    Array.from({ length: DEAF }, async () => {
      const connection = await rawConnection(server.port)
      connection.socket.on('error', () => {})
      connection.socket.pause()
      connection.socket.write(`GET /events?last_event_id=1 HTTP/1.1\r\nHost: localhost:${server.port}\r\nAuthorization: Bearer ${server.token}\r\n\r\n`)
      return connection
    }),
  )
  const start = performance.now()
  const awake = new EventReader(await server.get('/events?last_event_id=1'))
  await until(() => awake.events.length >= EVENTS, 900_000)
  let worst = 0
  for (let n = 0; n < 50; n++) {
    const asked = performance.now()
    expect((await server.get('/sessions')).status).toBe(200)
    worst = Math.max(worst, performance.now() - asked)
  }
  const [, kb] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8')) ?? []
  console.log(`${EVENTS} events caught up with in ${Math.round(performance.now() - start)} ms beside ${DEAF} deaf listeners; slowest request ${Math.round(worst)} ms; ${Math.round(Number(kb) / 1024)} MB at most, ${Math.round((DEAF * awake.text.length) / 2 ** 20)} MB not taken`)
  // Whoever held for each of them what it has not taken would need all of this, and the program besides.
  expect(Number(kb) * 1024).toBeLessThan(DEAF * awake.text.length * 0.5)
  // The server cuts them off: what had been sent is read, and then the connection is over.
  await until(() => !established(server.port, deaf.map(({ socket }) => socket.localPort)), 600_000)
  for (const { socket } of deaf) socket.resume()
  await Promise.all(deaf.map(({ closed }) => closed))
  expect(deaf.every(({ received }) => !received().includes(`Title ${EVENTS - 1} `))).toBe(true)
  await awake.close()
})
