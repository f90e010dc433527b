// Runs turbo with its telemetry and update check off: nothing of gobby's own calls the network.
import { spawn } from 'node:child_process'

export const turboEnv = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1' }

if (import.meta.main) {
  const child = spawn('turbo', process.argv.slice(2), { env: turboEnv, stdio: 'inherit', shell: process.platform === 'win32' })
  child.on('error', (error) => {
    console.error(`turbo did not start: ${error.message}. Run it through pnpm: npx -y pnpm@10 build`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = signal ? 130 : (code ?? 1)
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
}
