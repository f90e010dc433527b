import { suiteConfig } from './src/vitest.shared.ts'

export default suiteConfig(import.meta.dirname)
