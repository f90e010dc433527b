/** The same bytes from memory, behind the same guards: what HTTP itself costs. */
import { createServer } from 'node:http'
import { join } from 'node:path'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { root } from './places.mjs'

const folder = join(root, 'apps/http')
const load = (path) => import(pathToFileURL(path).href)
const { getRequestListener } = await load(createRequire(join(folder, 'package.json')).resolve('@hono/node-server').replace(/\.cjs$/, '.mjs'))
const { guardedApp } = await load(join(folder, 'dist/app.js'))
const { Failures } = await load(join(folder, 'dist/failures.js'))
const { ownHosts } = await load(join(folder, 'dist/listen.js'))
const { tokenOf } = await load(join(folder, 'dist/token.js'))

const { BODY = '', GOBBY_HOME = '' } = process.env
const service = { ctx: undefined, hookStore: undefined, feed: { listeners: 0 }, token: tokenOf(GOBBY_HOME), failures: new Failures(), hosts: new Set(), exposed: false, closing: false, version: '0', started_at: '', log: console.error, later: () => {} }
const memory = () => new Response(BODY, { headers: { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } })
const guarded = guardedApp(service).get('/sessions', memory).get('/sessions/:ref', memory)
const server = createServer(getRequestListener((request, env) => guarded.fetch(request, { ...env, via: 'tcp' })))
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address()
  service.hosts = ownHosts('127.0.0.1', port)
  console.log(`serves at http://127.0.0.1:${port}`)
})
