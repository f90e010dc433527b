import { type ChildProcess, spawn } from 'node:child_process'
import { cleanEnv, runBin, tempHome } from '@gobby/testing'
import { expect, onTestFinished, test } from 'vitest'
import { BIN } from './app.ts'

type Serving = { child: ChildProcess; url: string; port: string; env: Record<string, string | undefined>; ended: Promise<number | null> }

/** Runs `gobby serve` until it says where. */
async function serving(): Promise<Serving> {
  const env = { ...cleanEnv(), ...tempHome().env }
  const child = spawn(process.execPath, [BIN, 'serve', '--port', '0', '--no-watch'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  onTestFinished(() => void child.kill('SIGKILL'))
  const url = await new Promise<string>((resolve) => {
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const found = /serves at (http:\S+)\n/.exec(text)?.[1]
      if (found) resolve(found)
    })
  })
  return { child, url, port: new URL(url).port, env, ended }
}

test('serve answers who has the token, tells its status, and stops', async () => {
  const { url, port, env, child, ended } = await serving()
  const token = (await runBin(BIN, ['serve', 'token'], { env })).stdout.trim()
  const answer = await fetch(`${url}/sessions`, { headers: { authorization: `Bearer ${token}` } })
  expect([answer.status, await answer.json()]).toEqual([200, { sessions: [], count: 0, next_cursor: null }])
  const status = JSON.parse((await runBin(BIN, ['serve', '--status', '--json'], { env })).stdout) as { servers: unknown[] }
  expect(status.servers).toEqual([expect.objectContaining({ url, pid: child.pid })])
  expect(await runBin(BIN, ['serve', '--stop', '--port', port], { env })).toMatchObject({ code: 0, stdout: `Stopped ${url}\n` })
  expect(await ended).toBe(0)
})

test('a second one on the port says who runs there', async () => {
  const { port, env, child } = await serving()
  const second = await runBin(BIN, ['serve', '--port', port], { env })
  expect([second.code, second.stdout, second.stderr]).toEqual([5, '', expect.stringContaining(`process ${child.pid}`)])
  const asJson = await runBin(BIN, ['serve', '--port', port, '--json'], { env })
  expect([asJson.code, JSON.parse(asJson.stdout).error.code]).toEqual([5, 'unavailable'])
})

test('Ctrl-C ends it in order', async () => {
  const { child, ended, env } = await serving()
  child.kill('SIGINT')
  expect(await ended).toBe(0)
  expect((await runBin(BIN, ['serve', '--status'], { env })).code).toBe(3)
})

test.each([['--port', 'x'], ['--port', '70000'], ['--status', '--stop'], ['nonsense']])('serve %s %s is refused', async (...args) => {
  expect((await runBin(BIN, ['serve', ...args], { env: tempHome().env })).code).toBe(2)
})
