import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'
import { TEST_ZONE } from './environment.ts'

/** What a suite runs, chosen with `vitest run --mode <suite>`; plain `vitest run` is the fast one. */
const SUITES = {
  fast: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/*.e2e.test.ts', '**/*.soak.test.ts'],
    testTimeout: 60_000,
  },
  e2e: { include: ['test/**/*.e2e.test.ts'], exclude: [], testTimeout: 120_000 },
  soak: { include: ['test/**/*.soak.test.ts'], exclude: [], testTimeout: 900_000 },
}

/** The vitest configuration that every package shares. `folder` is the package's own. */
export function suiteConfig(folder: string): ReturnType<typeof defineConfig> {
  return defineConfig(({ mode }) => {
    const suite = mode === 'e2e' || mode === 'soak' ? mode : 'fast'
    const { include, exclude, testTimeout } = SUITES[suite]
    process.env['TZ'] = TEST_ZONE // Workers start in the zone; a zone set later is too late for some of them.
    return {
      root: folder,
      test: {
        include,
        exclude: [...configDefaults.exclude, ...exclude],
        testTimeout,
        hookTimeout: testTimeout,
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
