import { writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { join } from 'node:path'
import { runBin, tempDir } from '@gobby/testing'
import { expect, onTestFinished, test } from 'vitest'
import { document } from './document.ts'
import { startProcess } from './running.ts'

/** With the user's own home, for npm's settings and cache only. */
const npx = (args: string[], cwd = tempDir()) => runBin('npx', ['-y', ...args], { cwd, env: { HOME: process.env['GOBBY_TEST_USER_HOME'] } })

/** Whether a program of the registry can be had here; says so when it cannot. */
async function canRun(program: string, probe: string[]): Promise<boolean> {
  const { code, stderr } = await npx([program, ...probe])
  if (code !== 0) console.warn(`SKIPPED: ${program} cannot be had here: ${stderr.trim().split('\n').at(-1) || 'npx took too long'}`)
  return code === 0
}

test('spectral has nothing against the document', async ({ skip }) => {
  const program = '@stoplight/spectral-cli@6.16.3'
  if (!(await canRun(program, ['--version']))) return skip()
  const folder = tempDir()
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(document))
  writeFileSync(join(folder, '.spectral.json'), JSON.stringify({ extends: ['spectral:oas'], rules: { 'info-contact': 'off' } }))
  const { code, stdout, stderr } = await npx([program, 'lint', 'openapi.json', '--fail-severity', 'warn'], folder)
  expect(code, stdout + stderr).toBe(0)
})

// The rest of the suite asks for the tools of its own sample server.
const SCENARIOS = ['server-initialize', 'ping', 'tools-list', 'resources-list', 'prompts-list', 'dns-rebinding-protection']

test('the generic scenarios of the MCP conformance suite pass at /mcp', async ({ skip }) => {
  const program = '@modelcontextprotocol/conformance@0.1.16'
  if (!(await canRun(program, ['list', '--server']))) return skip()
  const server = await startProcess(['--no-watch'])
  // The suite can send no token. Between the two stands one who does, and leaves Host and Origin as they came.
  const between = createServer((incoming, outgoing) => {
    const host = incoming.headers.host?.replace(/:\d+$/, `:${server.port}`)
    const origin = incoming.headers.origin?.replace(`:${String(incoming.socket.localPort)}`, `:${server.port}`)
    const headers = { ...incoming.headers, host, ...(origin === undefined ? {} : { origin }), authorization: `Bearer ${server.token}` }
    const sent = request({ port: server.port, host: '127.0.0.1', path: incoming.url, method: incoming.method, headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 500, response.headers)
      response.pipe(outgoing)
    })
    incoming.pipe(sent)
  })
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void between.close())
  const { port } = between.address() as { port: number }
  const failed: string[] = []
  for (const scenario of SCENARIOS) {
    const { code, stdout, stderr } = await npx([program, 'server', '--url', `http://127.0.0.1:${port}/mcp`, '--scenario', scenario])
    if (code !== 0) failed.push(`${scenario}: ${stdout.slice(-600)}${stderr.slice(-300)}`)
  }
  expect(failed).toEqual([])
})
