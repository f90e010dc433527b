import { suiteConfig } from '@gobby/testing/vitest'

export default suiteConfig(import.meta.dirname)
