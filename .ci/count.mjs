// Prints "PASSED FAILED", summed over vitest's JSON reports in a folder; on stderr, what failed. Runs on any Node from 20.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Of a failure, so much that the reason is in it, and so little that all failures of a run can be read. */
const MOST_LINES = 30
const MOST_CHARACTERS = 3000

const [folder] = process.argv.slice(2)
let passed = 0
let failed = 0

function tell(file, test, messages = []) {
  const said = messages.join('\n').slice(0, MOST_CHARACTERS).split('\n').slice(0, MOST_LINES)
  console.error([`FAILED ${relative('.', file)}${test && `: ${test}`}`, ...said].join('\n    '))
}

for (const name of existsSync(folder) ? readdirSync(folder) : []) {
  const report = JSON.parse(readFileSync(join(folder, name), 'utf8'))
  passed += report.numPassedTests
  failed += report.numFailedTests
  for (const file of report.testResults) {
    const bad = file.assertionResults.filter((each) => each.status === 'failed')
    for (const { fullName, failureMessages } of bad) tell(file.name, fullName, failureMessages)
    // A file that broke before or around its tests has no failed test of its own.
    if (file.status === 'failed' && bad.length === 0) {
      failed += 1
      tell(file.name, '', [file.message])
    }
  }
}
console.log(`${passed} ${failed}`)
