// Prints "PASSED FAILED", summed over vitest's JSON reports in a folder. Runs on any Node from 20.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder] = process.argv.slice(2)
let passed = 0
let failed = 0
for (const name of existsSync(folder) ? readdirSync(folder) : []) {
  const report = JSON.parse(readFileSync(join(folder, name), 'utf8'))
  passed += report.numPassedTests
  failed += report.numFailedTests
  // A file that broke before or around its tests has no failed test of its own.
  for (const file of report.testResults) {
    if (file.status === 'failed' && !file.assertionResults.some((each) => each.status === 'failed')) failed += 1
  }
}
console.log(`${passed} ${failed}`)
