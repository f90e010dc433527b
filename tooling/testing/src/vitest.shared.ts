import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'
import { TEST_ZONE } from './environment.ts'

const MINUTE = 60_000

/**
 * What a suite runs, chosen with `vitest run --mode <suite>`; plain `vitest run` is the fast one. The times only end what
 * hangs: no test comes near them, on a slow machine under load either.
 */
const SUITES = {
  fast: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/*.e2e.test.ts', '**/*.soak.test.ts'],
    testTimeout: 5 * MINUTE,
  },
  e2e: { include: ['test/**/*.e2e.test.ts'], exclude: [], testTimeout: 15 * MINUTE },
  soak: { include: ['test/**/*.soak.test.ts'], exclude: [], testTimeout: 60 * MINUTE },
}

/** The vitest configuration that every package shares. `folder` is the package's own. */
export function suiteConfig(folder: string): ReturnType<typeof defineConfig> {
  return defineConfig(({ mode }) => {
    const suite = mode === 'e2e' || mode === 'soak' ? mode : 'fast'
    const { include, exclude, testTimeout } = SUITES[suite]
    process.env['TZ'] = TEST_ZONE // Workers start in the zone; a zone set later is too late for some of them.
    // npm reads its own settings and cache in the real home; everything else gets a temporary one.
    process.env['GOBBY_TEST_USER_HOME'] ??= homedir()
    return {
      root: folder,
      test: {
        include,
        exclude: [...configDefaults.exclude, ...exclude],
        testTimeout,
        hookTimeout: testTimeout,
        teardownTimeout: MINUTE,
        expect: { poll: { timeout: MINUTE } },
        // A soak test loads the machine by itself, and measures.
        fileParallelism: suite !== 'soak',
        passWithNoTests: true,
        setupFiles: [fileURLToPath(import.meta.resolve('./setup.ts'))],
        reporters: ['default', ...jsonReport(folder, suite)],
      },
    }
  })
}

/** Besides the usual output a JSON report, when `GOBBY_TEST_REPORTS` names a folder for it. */
function jsonReport(folder: string, suite: string): [string, { outputFile: string }][] {
  const reports = process.env['GOBBY_TEST_REPORTS']
  if (!reports) return []
  const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string }
  return [['json', { outputFile: join(reports, `${name.replace(/[^\w-]+/g, '_')}.${suite}.json`) }]]
}
