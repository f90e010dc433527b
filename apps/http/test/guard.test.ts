import { statSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { sampleService, type TestService } from './service.ts'

let { ask, request, token, service, logged, home }: TestService = {} as TestService
beforeAll(async () => {
  ;({ ask, request, token, service, logged, home } = await sampleService({ empty: true }))
})

const statusOf = async (path: string, headers: Record<string, string>, more: Parameters<TestService['ask']>[1] = {}) => (await ask(path, { ...more, headers })).status

describe('Host', () => {
  test.each(['evil.example', 'evil.example:8765', 'localhost.evil.example', '127.0.0.1:9999', '127.0.0.1:8765.evil.example', 'localhost:8765@evil.example', '[::1]'])('%s is refused', async (host) => {
    expect(await statusOf('/sessions', { host })).toBe(403)
    expect(await statusOf('/healthz', { host })).toBe(403)
  })
  test.each(['http://evil.example/sessions', 'http://127.0.0.1:9999/sessions'])('%s, a whole address, is refused whatever the header says', async (address) => {
    expect(await statusOf(address, { host: '127.0.0.1:8765' })).toBe(403)
  })
  test('ours is taken, in any case', async () => {
    expect(await statusOf('/sessions', { host: '127.0.0.1:8765' })).toBe(200)
    expect(await statusOf('/sessions', { host: 'LOCALHOST' })).toBe(200)
  })
})

describe('a web page', () => {
  test.each(['http://evil.example', 'https://localhost', 'null', 'http://localhost.evil.example', 'http://127.0.0.1:9999', 'file://', ''])('of origin %j is refused', async (origin) => {
    expect(await statusOf('/sessions', { origin })).toBe(403)
  })
  test.each(['cross-site', 'same-site', 'Cross-Site', 'anything'])('on a %s request is refused', async (site) => {
    expect(await statusOf('/sessions', { 'sec-fetch-site': site })).toBe(403)
  })
  test('cannot post what needs no preflight', async () => {
    const form = { method: 'POST', body: '{"session_id":"1","status":"paused"}' }
    expect(await statusOf('/sessions/update_status', { 'content-type': 'text/plain', origin: 'http://evil.example' }, form)).toBe(403)
    expect(await statusOf('/sessions/update_status', { 'content-type': 'text/plain' }, form)).toBe(415)
    expect(await statusOf('/sessions/update_status', { 'content-type': 'text/plain' }, { ...form, via: 'socket' })).toBe(415)
  })
  test('gets no leave to read across origins', async () => {
    const answer = await ask('/sessions', { headers: { origin: 'http://localhost' } })
    expect(answer.status).toBe(200)
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })
  test('of no origin is a program', async () => {
    expect(await statusOf('/sessions', { 'sec-fetch-site': 'none' })).toBe(200)
  })
})

describe('the token', () => {
  test('is in a file of the user alone', () => {
    expect(statSync(`${home}/token`).mode & 0o777).toBe(0o600)
    expect(statSync(home).mode & 0o777).toBe(0o700)
  })
  test.each(['', 'Bearer', 'Bearer x', 'Bearer gobby_', 'bearer nothing', 'Basic abc', 'Token x'])('%j is none', async (authorization) => {
    const answer = await ask('/sessions', { headers: { authorization } })
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="gobby"'])
  })
  test('is asked for everything but the sign of life', async () => {
    for (const path of ['/sessions', '/readyz', '/events', '/openapi.json', '/docs', '/nothing', '/mcp']) expect(await statusOf(path, { authorization: '' })).toBe(401)
    expect(await statusOf('/healthz', { authorization: '' })).toBe(200)
    service.exposed = true
    expect(await statusOf('/healthz', { authorization: '' })).toBe(401)
    service.exposed = false
  })
  test('is not asked for on the socket', async () => {
    expect(await statusOf('/sessions', { authorization: '', host: 'anything' }, { via: 'socket' })).toBe(200)
  })
  test('may be the password where a browser asks, and only there', async () => {
    const authorization = `Basic ${Buffer.from(`me:${token}`).toString('base64')}`
    expect(await statusOf('/docs', { authorization })).toBe(200)
    expect(await statusOf('/sessions', { authorization })).toBe(401)
  })
  test('wrong ones are told ever later, a right one at once', async () => {
    const { ask, request, token } = await sampleService({ empty: true })
    for (let i = 0; i < 6; i++) await ask('/sessions', { headers: { authorization: 'Bearer wrong' } })
    const statuses: number[] = []
    const start = performance.now()
    const crowd = Promise.all(Array.from({ length: 50 }, async () => statuses.push((await ask('/sessions', { headers: { authorization: 'Bearer wrong' } })).status)))
    expect((await request('/sessions', { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
    expect(statuses).not.toContain(401)
    await crowd
    expect(performance.now() - start).toBeGreaterThan(1500)
    expect(new Set(statuses)).toEqual(new Set([401, 429]))
  })
  test('is in no answer and no log', async () => {
    const paths = ['/sessions', '/healthz', '/openapi.json', '/docs', '/nothing', '/sessions/x?y=1', '/hub/stats']
    for (const path of paths) {
      const response = await request(path)
      expect(`${JSON.stringify([...response.headers])}${await response.text()}`).not.toContain(token)
    }
    expect(logged.join()).not.toContain(token)
  })
})
