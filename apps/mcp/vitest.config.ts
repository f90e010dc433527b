import { homedir } from 'node:os'
import { suiteConfig } from '@gobby/testing/vitest'

// npm reads its own settings from the real home; everything else in the tests gets a temporary one.
process.env['GOBBY_TEST_USER_HOME'] ??= homedir()

export default suiteConfig(import.meta.dirname)
